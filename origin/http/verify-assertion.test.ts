import { createHash } from "node:crypto";
import { type JWTPayload, SignJWT } from "jose";
import { expect, test } from "vitest";
import { assertionAudience, assertionHeader, assertionIssuer } from "#contract/assertion.ts";
import { verifyAssertion } from "./verify-assertion.ts";

const key = new TextEncoder().encode("k".repeat(32));
const body = new TextEncoder().encode('{"a":1}');
const now = () => Math.floor(Date.now() / 1000);

const principal = { account: "acme", tier: "pro", subject: "ann", scopes: ["jobs:read"], livemode: true };

type Changes = { claims?: JWTPayload; key?: Uint8Array; issuedAt?: number };
const assertion = ({ claims = {}, key: signingKey = key, issuedAt = now() }: Changes = {}) =>
  new SignJWT({
    iss: assertionIssuer,
    aud: assertionAudience,
    principal,
    address: "192.0.2.7",
    method: "POST",
    path: "/v1/jobs?x=1",
    body_sha256: createHash("sha256").update(body).digest("hex"),
    iat: issuedAt,
    exp: issuedAt + 60,
    ...claims,
  })
    .setProtectedHeader({ alg: "HS256" })
    .sign(signingKey);

const request = (token: string | undefined) => ({
  method: "POST",
  pathAndQuery: "/v1/jobs?x=1",
  header: (name: string) => (name === assertionHeader ? token : undefined),
  body,
});

test("the edge's assertion for this request names the principal", async () => {
  expect(await verifyAssertion([key], request(await assertion()))).toEqual({ principal, address: "192.0.2.7" });
});

test("while the keys are changed either one is taken, and no third", async () => {
  const other = new TextEncoder().encode("o".repeat(32));
  const third = new TextEncoder().encode("t".repeat(32));
  for (const signing of [key, other])
    await expect(verifyAssertion([key, other], request(await assertion({ key: signing })))).resolves.toBeDefined();
  await expect(verifyAssertion([key, other], request(await assertion({ key: third })))).rejects.toMatchObject({
    code: "assertion-invalid",
  });
});

const wrong: [string, Changes][] = [
  ["another key", { key: new TextEncoder().encode("x".repeat(32)) }],
  ["another method", { claims: { method: "GET" } }],
  ["another path", { claims: { path: "/v1/jobs" } }],
  ["another body", { claims: { body_sha256: "0".repeat(64) } }],
  ["another audience", { claims: { aud: "somebody" } }],
  ["another issuer", { claims: { iss: "somebody" } }],
  ["an older time", { issuedAt: now() - 120 }],
  ["a long life", { issuedAt: now() - 120, claims: { exp: now() + 3600 } }],
  ["an unknown tier", { claims: { principal: { ...principal, tier: "root" } } }],
  ["an account that is a path", { claims: { principal: { ...principal, account: "../acme" } } }],
];
test.each(wrong)("an assertion of %s is refused", async (_name, changes) => {
  await expect(verifyAssertion([key], request(await assertion(changes)))).rejects.toMatchObject({ code: "assertion-invalid" });
});

test("a request without an assertion is refused", async () => {
  await expect(verifyAssertion([key], request(undefined))).rejects.toMatchObject({ code: "assertion-invalid" });
});
