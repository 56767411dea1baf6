import { type CryptoKey, exportSPKI, importJWK, SignJWT } from "jose";
import { expect, test } from "vitest";
import { localAudience, localIssuer } from "#scripts/stack/issue-token.ts";
import { address, refusalOf, secrets } from "./support/client.ts";

const { kid, privateKey } = secrets.issuer;
const now = Math.floor(Date.now() / 1000);
const claims = { iss: localIssuer, aud: localAudience, sub: "tester", account: "acme", tier: "free", iat: now, exp: now + 600 };

const signed = async (changes: Record<string, unknown>) =>
  new SignJWT({ ...claims, ...changes })
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid })
    .sign(await importJWK(privateKey, "ES256"));

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Signed with the published key as if it were a shared secret. */
async function confused(): Promise<string> {
  const { kty, crv, x, y } = privateKey;
  const spki = await exportSPKI((await importJWK({ kty, crv, x, y }, "ES256", { extractable: true })) as CryptoKey); // of a public key
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid }).sign(Buffer.from(spki));
}

const ask = (authorization?: string) =>
  fetch(new URL(`/v1/jobs/job_${"a".repeat(26)}`, address), { headers: authorization ? { authorization } : {} });

test("a good token is let through to the job that does not exist", async () => {
  expect(await refusalOf(await ask(`Bearer ${await signed({})}`))).toEqual({ status: 404, code: "job-not-found" });
});

test.each([
  ["no token", "token-missing", async () => undefined],
  ["an expired token", "token-expired", () => signed({ iat: now - 1_000, exp: now - 60 })],
  ["another audience", "token-invalid", () => signed({ aud: "somebody-else" })],
  ["another issuer", "token-invalid", () => signed({ iss: "https://issuer.example" })],
  ["alg none", "token-invalid", async () => `${encode({ alg: "none", typ: "at+jwt" })}.${encode(claims)}.`],
  ["HS256 signed with the public key", "token-invalid", confused],
  ["a changed signature", "token-invalid", async () => `${(await signed({})).slice(0, -6)}AAAAAA`],
])("%s is refused with %s", async (_, code, token) => {
  const text = await token();
  expect(await refusalOf(await ask(text && `Bearer ${text}`))).toEqual({ status: 401, code });
});
