import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { auditLog, sessions, users } from "#origin/db/schema.ts";
import { startRedis } from "#test/support/redis.ts";
import { freshAddress, type PeopleHouse, startPeopleHouse } from "./support/people-house.ts";
import { newEmail, person, refused } from "./support/person.ts";

let house: PeopleHouse;
beforeAll(async () => {
  house = await startPeopleHouse();
});
afterAll(() => house.stop());

const Sessions = z.array(z.object({ token: z.string(), expiresAt: z.string(), ipAddress: z.string() }));

test("a session holds for 24 hours and not longer, and says whence it came", async () => {
  const ann = person(house);
  await ann.signUp();
  await ann.openLink();
  // A header that a client could set counts for nothing.
  await ann.signIn({ address: "198.51.100.77", headers: { "x-forwarded-for": "203.0.113.1", "x-caller-address": "203.0.113.2" } });
  const [session] = Sessions.parse(await (await ann.get("/list-sessions")).json());
  expect(session?.ipAddress).toBe("198.51.100.77");
  const { sub } = await ann.claims();
  const [row] = await house.db.select().from(sessions).where(eq(sessions.userId, sub));
  const lifetimeMs = (row?.expiresAt.getTime() ?? 0) - (row?.createdAt.getTime() ?? 0);
  expect(Math.round(lifetimeMs / 60_000)).toBe(24 * 60);

  // It was used an hour before its end, and still ends.
  await house.connection.flushall();
  await house.db
    .update(sessions)
    .set({ expiresAt: new Date(Date.now() + 3_600_000) })
    .where(eq(sessions.userId, sub));
  expect((await ann.get("/get-session")).status).toBe(200);
  await house.db
    .update(sessions)
    .set({ expiresAt: new Date(Date.now() - 1) })
    .where(eq(sessions.userId, sub));
  await house.connection.flushall();
  expect(await refused(await ann.get("/token"))).toBe("session-missing");
});

test("a FLUSHALL of Redis signs nobody out, and loses no link of a mail", async () => {
  const ann = await person(house).arrive();
  const bea = person(house);
  await bea.signUp();
  await ann.post("/request-password-reset", { email: ann.email });
  await house.connection.flushall();
  expect((await ann.get("/token")).status).toBe(200);
  expect(Sessions.parse(await (await ann.get("/list-sessions")).json())).toHaveLength(1);
  expect((await bea.openLink()).status).toBe(200);
  const token = (await house.mail.nth(ann.email, 2)).text.split(/\s+/).find((word) => /^\w{24}$/.test(word));
  expect((await ann.post("/reset-password", { token, newPassword: "sechs-Segelboote-auf-See" })).status).toBe(200);
});

test("sessions are listed and revoked one by one and all at once, at once", async () => {
  const laptop = await person(house).arrive();
  const phone = person(house, laptop.email);
  await phone.signIn();
  const tablet = person(house, laptop.email);
  await tablet.signIn();
  expect(Sessions.parse(await (await laptop.get("/list-sessions")).json())).toHaveLength(3);

  const [, secret = ""] = [...phone.cookies].find(([name]) => name.endsWith("session_token")) ?? [];
  await laptop.post("/revoke-session", { token: decodeURIComponent(secret).split(".")[0] });
  expect(await refused(await phone.get("/token"))).toBe("session-missing");
  expect((await tablet.get("/token")).status).toBe(200);
  await laptop.post("/revoke-other-sessions");
  expect(await refused(await tablet.get("/token"))).toBe("session-missing");
  await laptop.post("/sign-out");
  expect(await refused(await laptop.get("/token"))).toBe("session-missing");
});

test("what only a session may do needs one, and a forged cookie is none", async () => {
  const nobody = person(house);
  for (const path of ["/list-sessions", "/organization/list", "/organization/list-members"])
    expect(await refused(await nobody.get(path)), path).toBe("session-missing");
  const ann = await person(house).arrive();
  const [name = "", value = ""] = [...ann.cookies].find(([key]) => key.endsWith("session_token")) ?? [];
  nobody.cookies.set(name, `${value.slice(0, -8)}AAAAAA%3D`);
  expect(await refused(await nobody.get("/token"))).toBe("session-missing");
});

test("cookies are for this host, unseen by scripts, and secure where the address is https", async () => {
  const cookieOf = async (publicUrl: string) => {
    await house.restart({ PUBLIC_URL: publicUrl });
    const ann = person(house);
    await ann.post("/sign-up/email", { email: ann.email, password: ann.password, name: "Ann" }, { headers: { origin: publicUrl } });
    await house.db.update(users).set({ emailVerified: true }).where(eq(users.email, ann.email));
    const response = await ann.post("/sign-in/email", { email: ann.email, password: ann.password }, { headers: { origin: publicUrl } });
    return response.headers.get("set-cookie") ?? "";
  };
  const plain = await cookieOf("http://convert.test");
  expect(plain).toMatch(/^trusty\.session_token=.*HttpOnly.*SameSite=Lax/i);
  expect(plain).not.toMatch(/Secure|Domain/i);
  expect(await cookieOf("https://convert.example.org")).toMatch(/^__Secure-trusty\.session_token=.*Secure/i);
  await house.restart({});
});

test("too many tries from one address are throttled, whatever headers they carry; other addresses are not", async () => {
  const ann = await person(house).arrive();
  const address = freshAddress();
  const guess = (n: number) =>
    ann.post(
      "/sign-in/email",
      { email: ann.email, password: `wrong-guess-${n}-wrong` },
      { address, headers: { "x-forwarded-for": `203.0.113.${n}`, "x-caller-address": `203.0.113.${n}` } },
    );
  const codes: string[] = [];
  for (let n = 0; n < 12; n++) {
    const response = await guess(n);
    if (response.status === 429) expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    codes.push(await refused(response));
  }
  expect(codes.slice(0, 10)).toEqual(Array(10).fill("sign-in-failed"));
  expect(codes.slice(10)).toEqual(["sign-in-throttled", "sign-in-throttled"]);
  expect((await ann.signIn()).status).toBe(200);
  const resets = [];
  for (let n = 0; n < 4; n++) resets.push((await ann.post("/request-password-reset", { email: newEmail() }, { address })).status);
  expect(resets).toEqual([200, 200, 200, 429]);
});

test("one person is tried a hundred times an hour at most, from however many addresses, known or not", async () => {
  const ann = await person(house).arrive();
  for (const email of [ann.email, newEmail()]) {
    // As if 99 others had tried: each try costs a hash, which is too slow here.
    const counter = `trusty:people:attempts:person:${createHash("sha256").update(email).digest("base64url")}`;
    await house.connection.set(counter, "99", "EX", 3_600);
    const guess = () => ann.post("/sign-in/email", { email, password: "wrong-guess-wrong" });
    expect(await refused(await guess())).toBe("sign-in-failed");
    const response = await guess();
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(3_000);
    expect(await refused(response)).toBe("sign-in-throttled");
  }
  expect((await ann.get("/token")).status).toBe(200);
});

test("while Redis is away everybody stays signed in, can be signed out, and is throttled; what was revoked meanwhile stays so", async () => {
  const laptop = await person(house).arrive();
  const phone = person(house, laptop.email);
  await phone.signIn();
  expect((await phone.get("/token")).status).toBe(200);

  const held = await house.connection.keys("trusty:people:*");
  expect(held.length).toBeGreaterThan(2);
  await sleep(1_500); // Redis writes to its disk every second.
  house.redis.kill();
  await expect.poll(() => house.connection.status).not.toBe("ready");
  expect((await laptop.get("/token")).status).toBe(200);
  await laptop.post("/revoke-other-sessions");
  expect(await refused(await phone.get("/token"))).toBe("session-missing");
  const bea = await person(house).arrive();
  expect((await bea.get("/token")).status).toBe(200);
  const address = freshAddress();
  const statuses = [];
  for (let n = 0; n < 11; n++)
    statuses.push((await bea.post("/sign-in/email", { email: newEmail(), password: "wrong-guess-wrong" }, { address })).status);
  expect(statuses.slice(9)).toEqual([401, 429]);

  // It comes back with what it held when it went.
  const back = await startRedis({ dir: house.redis.dir, port: house.redis.port });
  try {
    await expect.poll(() => house.connection.status).toBe("ready");
    expect(await refused(await phone.get("/token"))).toBe("session-missing");
    expect((await laptop.get("/token")).status).toBe(200);
  } finally {
    await back.stop();
  }
});

test("what a person does to their password and sessions has an audit row, without what they sent", async () => {
  const ann = await person(house).arrive();
  const { sub } = await ann.claims();
  await ann.post("/request-password-reset", { email: ann.email });
  const token = (await house.mail.nth(ann.email, 2)).text.split(/\s+/).find((word) => /^\w{24}$/.test(word));
  const reset = "sechs-Segelboote-auf-See";
  expect((await ann.post("/reset-password", { token, newPassword: reset })).status).toBe(200);
  ann.password = reset;
  await ann.signIn();
  const changed = "sieben-Seiltaenzer-in-Siena";
  expect((await ann.post("/change-password", { currentPassword: reset, newPassword: changed })).status).toBe(200);
  expect((await ann.post("/revoke-other-sessions", {})).status).toBe(200);
  const rows = await house.db.select().from(auditLog).where(eq(auditLog.target, sub)).orderBy(auditLog.seq);
  expect(rows.map(({ action, actor }) => [action, actor])).toEqual([
    ["person.reset-password", sub],
    ["person.change-password", sub],
    ["person.revoke-sessions", sub],
  ]);
  expect(rows.every(({ address }) => address !== null)).toBe(true);
  expect(JSON.stringify(rows)).not.toMatch(new RegExp(`${reset}|${changed}`));
});

test("nobody is signed out, and no token key is lost, while AUTH_SECRET is changed", async () => {
  const old = createHash("sha256").update("the secret of before").digest("base64");
  const next = createHash("sha256").update("the secret of afterwards").digest("base64");
  await house.restart({ AUTH_SECRET: old });
  const ann = await person(house).arrive();
  const kid = await kidOf(await ann.get("/token"));
  for (const variables of [
    { AUTH_SECRET: old, AUTH_SECRET_ALSO: next },
    { AUTH_SECRET: next, AUTH_SECRET_ALSO: old },
  ]) {
    await house.restart(variables);
    expect(await kidOf(await ann.get("/token"))).toBe(kid);
  }
  // Whoever signs in now is known to the processes that are still to be changed.
  const bea = await person(house).arrive();
  await house.restart({ AUTH_SECRET: old, AUTH_SECRET_ALSO: next });
  expect((await bea.get("/token")).status).toBe(200);
  await house.restart({ AUTH_SECRET: next });
  expect((await bea.get("/token")).status).toBe(200);
  expect(await refused(await ann.get("/token"))).toBe("session-missing");
});

async function kidOf(response: Response): Promise<unknown> {
  expect(response.status).toBe(200);
  const { access_token } = z.object({ access_token: z.string() }).parse(await response.json());
  return JSON.parse(Buffer.from(access_token.split(".")[0] ?? "", "base64url").toString()).kid;
}
