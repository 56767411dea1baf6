// From nobody to a token, on both databases.
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accounts, auditLog, identities, members, users } from "#origin/db/schema.ts";
import { type PeopleHouse, startPeopleHouse } from "./support/people-house.ts";
import { goodPassword, linkIn, newEmail, person, refused } from "./support/person.ts";

describe.each(["PGlite", "PostgreSQL"] as const)("people on %s", (kind) => {
  let house: PeopleHouse;
  beforeAll(async () => {
    house = await startPeopleHouse({ kind });
  });
  afterAll(() => house.stop());

  test("who signs up gets no session before the address is confirmed, and an account of their own after", async () => {
    const ann = person(house);
    expect((await ann.signUp()).status).toBe(200);
    expect(ann.cookies.size).toBe(0);
    expect(await refused(await ann.signIn())).toBe("email-unverified");
    expect(await refused(await ann.get("/token"))).toBe("session-missing");
    expect(await house.db.select().from(members)).toHaveLength(0);

    expect((await ann.openLink()).status).toBe(200);
    expect(ann.cookies.size).toBe(0);
    expect((await ann.signIn()).status).toBe(200);

    const claims = await ann.claims();
    expect(claims.sub).toMatch(/^usr_[a-z2-7]{26}$/);
    expect(claims.account).toMatch(/^acc_[a-z2-7]{26}$/);
    expect(claims).toMatchObject({ iss: "http://convert.test", aud: "trustyconvert", livemode: true });
    expect(claims.scope).toBe("jobs:write jobs:read uploads:write usage:read keys:write hooks:write");
    expect(claims.exp - claims.iat).toBe(600);
    const [account] = await house.db.select().from(accounts).where(eq(accounts.id, claims.account));
    expect(account).toMatchObject({ name: "Ann", tier: "free", version: 1 });
    const [audit] = await house.db.select().from(auditLog).where(eq(auditLog.account, claims.account));
    expect(audit).toMatchObject({ action: "account.create", actor: claims.sub });
  });

  test("signing in again, on many devices at once, makes no second account", async () => {
    const ann = await person(house).arrive();
    await Promise.all(Array.from({ length: 8 }, () => ann.signIn()));
    const { sub } = await ann.claims();
    expect(await house.db.select().from(members).where(eq(members.userId, sub))).toHaveLength(1);
  });

  test("nobody makes themselves an administrator, verified, or somebody's account", async () => {
    const eve = person(house);
    const extra = { administrator: true, emailVerified: true, id: "usr_chosen", tier: "enterprise" };
    await eve.post("/sign-up/email", { email: eve.email, password: eve.password, name: "Eve", ...extra });
    const [row] = await house.db.select().from(users).where(eq(users.email, eve.email));
    expect(row?.id).not.toBe("usr_chosen");
    expect(row ?? { administrator: false, emailVerified: false }).toMatchObject({ administrator: false, emailVerified: false });

    const ann = await person(house).arrive();
    await ann.post("/update-user", { name: "Ann B", administrator: true });
    await ann.post("/organization/update", { data: { name: "x", tier: "enterprise", limitOverrides: {} } });
    const claims = await ann.claims();
    expect(claims.scope).not.toContain("admin");
    expect(await house.db.select().from(accounts).where(eq(accounts.id, claims.account))).toMatchObject([
      { tier: "free", limitOverrides: {} },
    ]);
  });

  test("passwords have 12 to 128 characters, and are stored as scrypt hashes", async () => {
    for (const password of ["elf zeichen", "x".repeat(129)]) {
      const ann = person(house);
      expect(await refused(await ann.post("/sign-up/email", { email: ann.email, password, name: "Ann" }))).toBe("auth-refused");
    }
    const ann = await person(house).arrive();
    const { sub } = await ann.claims();
    const [identity] = await house.db.select().from(identities).where(eq(identities.userId, sub));
    expect(identity?.password).toMatch(/^[0-9a-f]{32}:[0-9a-f]{128}$/);
  });

  test("a new password comes by mail, ends every session, and the old one no longer opens", async () => {
    const ann = await person(house).arrive();
    expect((await ann.post("/request-password-reset", { email: ann.email })).status).toBe(200);
    const mail = await house.mail.nth(ann.email, 2);
    const token = mail.text
      .trim()
      .split(/\s+/)
      .find((word) => /^\w{24}$/.test(word));
    const newPassword = "fünf-Fahrräder-nach-Fulda";
    expect((await ann.post("/reset-password", { token, newPassword })).status).toBe(200);
    expect(await refused(await ann.get("/token"))).toBe("session-missing");
    expect(await refused(await ann.signIn())).toBe("sign-in-failed");
    ann.password = newPassword;
    expect((await ann.signIn()).status).toBe(200);
    expect(await refused(await ann.post("/reset-password", { token, newPassword: goodPassword }))).toBe("auth-refused");
    expect((await house.mail.nth(ann.email, 3)).subject).toBe("Your password was changed");
  });

  test("a link of a mail that leads elsewhere is refused, and so is a request from elsewhere", async () => {
    const ann = person(house);
    const body = { email: ann.email, password: ann.password, name: "Ann", callbackURL: "https://evil.example/" };
    expect(await refused(await ann.post("/sign-up/email", body))).toBe("auth-refused");
    const bea = await person(house).arrive();
    expect(await refused(await bea.post("/sign-out", {}, { headers: { origin: "https://evil.example" } }))).toBe("auth-refused");
    expect((await bea.get("/token")).status).toBe(200);
    expect(await refused(await ann.post("/request-password-reset", { email: bea.email, redirectTo: "https://evil.example/" }))).toBe(
      "auth-refused",
    );
  });

  test("with a page to return to, the mail's links lead there", async () => {
    const ann = person(house);
    await ann.post("/sign-up/email", { email: ann.email, password: ann.password, name: "Ann", callbackURL: "/welcome" });
    const opened = await ann.openLink();
    expect([opened.status, opened.headers.get("location")]).toEqual([302, "/welcome"]);
    await ann.post("/request-password-reset", { email: ann.email, redirectTo: "/new-password" });
    const link = new URL(linkIn((await house.mail.nth(ann.email, 2)).text));
    const reset = await ann.ask("GET", link.pathname + link.search);
    expect(reset.headers.get("location")).toMatch(/^http:\/\/convert\.test\/new-password\?token=\w+$/);
  });

  test("who owns the mailbox wins over who signed up with the address before", async () => {
    const email = newEmail("owner");
    const eve = person(house, email);
    eve.password = "evas-Passwort-von-vorher";
    await eve.signUp();
    const owner = person(house, email);
    await owner.signUp();
    expect((await house.mail.nth(email, 2)).subject).toBe("You have an account already");
    await owner.post("/request-password-reset", { email });
    const token = (await house.mail.nth(email, 3)).text.split(/\s+/).find((word) => /^\w{24}$/.test(word));
    await owner.post("/reset-password", { token, newPassword: owner.password });
    expect(await refused(await eve.signIn())).toBe("sign-in-failed");
    expect((await owner.signIn()).status).toBe(200);
    expect((await owner.claims()).account).toMatch(/^acc_/);
  });
});
