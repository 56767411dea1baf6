import { randomBytes } from "node:crypto";
import { eq } from "drizzle-orm";
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jwks, users } from "#origin/db/schema.ts";
import { type PeopleHouse, startPeopleHouse } from "./support/people-house.ts";
import { person, refused } from "./support/person.ts";

let house: PeopleHouse;
beforeAll(async () => {
  house = await startPeopleHouse();
});
afterAll(() => house.stop());

const dayMs = 86_400_000;
const published = async () => (await (await house.ask("GET", "/.well-known/jwks.json")).json()) as { keys: { kid: string }[] };
const verified = async (token: string) =>
  jwtVerify(token, createLocalJWKSet(await published()), {
    issuer: "http://convert.test",
    audience: "trustyconvert",
    algorithms: ["ES256"],
    typ: "at+jwt",
  });
const keyOf = (token: string) => decodeProtectedHeader(token).kid;
/** As if every key had been made so much earlier. */
const age = async (ms: number) => {
  for (const { id, createdAt } of await house.db.select().from(jwks)) {
    await house.db
      .update(jwks)
      .set({ createdAt: new Date(createdAt.getTime() - ms) })
      .where(eq(jwks.id, id));
  }
};
const claims = { account: "acme", subject: "key_test", scopes: ["jobs:read"] as const, livemode: false, key: "key_test" };

test("a token is an ES256 access token that the published set verifies, and carries what it was asked for", async () => {
  const { token, expiresInSeconds } = await house.auth.issueToken(claims);
  const { payload, protectedHeader } = await verified(token);
  expect(protectedHeader).toEqual({ alg: "ES256", typ: "at+jwt", kid: expect.stringMatching(/^ath_[a-z2-7]{26}$/) });
  expect(payload).toMatchObject({ sub: "key_test", account: "acme", scope: "jobs:read", livemode: false, key: "key_test" });
  expect(payload.jti).toMatch(/^ath_/);
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(expiresInSeconds);
  expect(expiresInSeconds).toBeLessThanOrEqual(600);
  expect(payload).not.toHaveProperty("tier");
});

test("the published set holds public halves only, and the stored private ones are encrypted", async () => {
  await house.auth.issueToken(claims);
  for (const key of (await published()).keys) expect(Object.keys(key).toSorted()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
  for (const { privateKey } of await house.db.select().from(jwks)) expect(privateKey).not.toMatch(/"d"|kty/);
});

test("keys rotate without a gap: the next is published before it signs, and tokens of the last verify after", async () => {
  const { token: old } = await house.auth.issueToken(claims);
  await age(29.6 * dayMs);
  const before = (await published()).keys.length;
  const { token: last } = await house.auth.issueToken(claims);
  expect(keyOf(last)).toBe(keyOf(old));
  const during = (await published()).keys.map(({ kid }) => kid);
  expect(during).toHaveLength(before + 1);

  await age(0.5 * dayMs);
  const { token: fresh } = await house.auth.issueToken(claims);
  expect(keyOf(fresh)).not.toBe(keyOf(old));
  expect(during).toContain(keyOf(fresh));
  for (const token of [old, last, fresh]) await expect(verified(token)).resolves.toBeDefined();

  // A day after its turn the old key is published no more.
  await age(1 * dayMs);
  await expect(verified(old)).rejects.toThrow();
  await expect(verified(fresh)).resolves.toBeDefined();
  expect(keyOf((await house.auth.issueToken(claims)).token)).toBe(keyOf(fresh));
});

test("after a long silence the first to ask makes a key, and many at once make no trouble", async () => {
  await age(400 * dayMs);
  const issued = await Promise.all(Array.from({ length: 10 }, () => house.auth.issueToken(claims)));
  for (const { token } of issued) await expect(verified(token)).resolves.toBeDefined();
  const later = await Promise.all(Array.from({ length: 10 }, () => house.auth.issueToken(claims)));
  expect(new Set(later.map(({ token }) => keyOf(token))).size).toBe(1);
});

test("a changed AUTH_SECRET makes a new key, and what the old one signed goes on to verify", async () => {
  const { token: old } = await house.auth.issueToken(claims);
  await house.restart({ AUTH_SECRET: randomBytes(32).toString("base64") });
  const { token: fresh } = await house.auth.issueToken(claims);
  expect(keyOf(fresh)).not.toBe(keyOf(old));
  for (const token of [old, fresh]) await expect(verified(token)).resolves.toBeDefined();
  expect(keyOf((await house.auth.issueToken(claims)).token)).toBe(keyOf(fresh));
  await house.restart({});
});

test("no token for an address that is not confirmed, however the session came about", async () => {
  const ann = await person(house).arrive();
  await house.db.update(users).set({ emailVerified: false }).where(eq(users.email, ann.email));
  expect(await refused(await ann.get("/token"))).toBe("email-unverified");
});

test("the scope of an administrator comes and goes with the row, and from nothing else", async () => {
  const ada = await person(house).arrive();
  expect((await ada.claims()).scope).not.toContain("admin");
  await house.db.update(users).set({ administrator: true }).where(eq(users.email, ada.email));
  expect((await ada.claims()).scope.split(" ")).toContain("admin");
  await house.db.update(users).set({ administrator: false }).where(eq(users.email, ada.email));
  expect((await ada.claims()).scope).not.toContain("admin");
});

test("better-auth's own token and key routes are closed", async () => {
  const ann = await person(house).arrive();
  expect(await refused(await ann.get("/jwks"))).toBe("route-not-found");
  expect((await ann.get("/get-session")).headers.get("set-auth-jwt")).toBeNull();
  expect(await refused(await ann.post("/sign-jwt", { payload: { scope: "admin" } }))).toBe("route-not-found");
});
