import { decodeProtectedHeader, jwtVerify } from "jose";
import { expect, test } from "vitest";
import { Assertion, assertionAudience, assertionIssuer } from "#contract/assertion.ts";
import { assert, sha256Hex } from "./assert.ts";

const key = "k".repeat(32);
const now = new Date("2026-01-01T00:00:00Z");
const asserted: Assertion = {
  principal: { account: "acme", tier: "free", subject: "ann", scopes: ["jobs:read"], livemode: true },
  address: "192.0.2.7",
  method: "GET",
  path: "/v1/jobs/job_x?wait=3",
  body_sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
};

test("an assertion names the edge and the origin, and lives a minute", async () => {
  const token = await assert(asserted, key, now);
  expect(decodeProtectedHeader(token).alg).toBe("HS256");
  const options = { issuer: assertionIssuer, audience: assertionAudience, algorithms: ["HS256"] };
  const { payload } = await jwtVerify(token, new TextEncoder().encode(key), { ...options, currentDate: now });
  expect(Assertion.parse(payload)).toEqual(asserted);
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
  const later = new Date(now.getTime() + 61_000);
  await expect(jwtVerify(token, new TextEncoder().encode(key), { ...options, currentDate: later })).rejects.toThrow();
});

test("no body has the digest of nothing", async () => {
  expect(await sha256Hex("")).toBe(asserted.body_sha256);
});
