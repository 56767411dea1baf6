import { type CryptoKey, createRemoteJWKSet, exportJWK, exportSPKI, generateKeyPair, importJWK, type JWK, jwtVerify, SignJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { address, client, newAccount, refusalOf } from "./support/client.ts";

const ask = (authorization?: string) =>
  fetch(new URL(`/v1/jobs/job_${"a".repeat(26)}`, address), { headers: authorization ? { authorization } : {} });

describe("a token that a key asked for", () => {
  const account = newAccount();
  let token: string;
  let published: JWK & { kid: string };

  beforeAll(async () => {
    const { call } = await client(account, "free", { scopes: ["jobs:read"] });
    const answer = await call("POST", "/v1/tokens");
    expect(answer.status).toBe(201);
    ({ access_token: token } = (await answer.json()) as { access_token: string });
    const { keys } = (await (await fetch(new URL("/.well-known/jwks.json", address))).json()) as { keys: (JWK & { kid: string })[] };
    published = keys[0] as typeof published; // the issuer has signed one, so it has a key
  });

  test("is verified with the published keys, holds ten minutes at most, and says no tier", async () => {
    const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", address));
    const { payload } = await jwtVerify(token, keys, { issuer: address, audience: "trustyconvert" });
    expect(payload).toMatchObject({ account, scope: "jobs:read", livemode: true });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(600);
    expect(payload).not.toHaveProperty("tier");
  });

  test("is let through to the job that does not exist, and to no more than the key", async () => {
    expect(await refusalOf(await ask(`Bearer ${token}`))).toEqual({ status: 404, code: "job-not-found" });
    const listing = await fetch(new URL("/v1/keys", address), { headers: { authorization: `Bearer ${token}` } });
    expect(await refusalOf(listing)).toEqual({ status: 403, code: "scope-missing" });
  });

  test("ends with its key", async () => {
    const owner = await client(account, "free");
    const { data } = (await (await owner.call("GET", "/v1/keys")).json()) as { data: { id: string; scopes: string[] }[] };
    const id = data.find(({ scopes }) => scopes.length === 1)?.id;
    expect((await owner.call("DELETE", `/v1/keys/${id}`)).status).toBe(200);
    const refused = async () => (await refusalOf(await ask(`Bearer ${token}`))).code;
    await expect.poll(refused).toBe("token-invalid");
  });

  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: address, aud: "trustyconvert", sub: "tester", account, scope: "jobs:read", iat: now, exp: now + 600 };
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

  /** Signed with the published key as if it were a shared secret. */
  async function confused(): Promise<string> {
    const spki = await exportSPKI((await importJWK(published, "ES256", { extractable: true })) as CryptoKey); // of a public key
    return new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: published.kid }).sign(Buffer.from(spki));
  }

  /** Signed with a key of one's own, which the header offers. */
  async function ownKey(): Promise<string> {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: published.kid, jwk: await exportJWK(publicKey) })
      .sign(privateKey);
  }

  test.each([
    ["no token", "token-missing", async () => undefined],
    ["alg none", "token-invalid", async () => `${encode({ alg: "none", typ: "at+jwt" })}.${encode(claims)}.`],
    ["HS256 signed with the public key", "token-invalid", confused],
    ["a key that the header brings along", "token-invalid", ownKey],
    ["a changed signature", "token-invalid", async () => `${token.slice(0, -6)}AAAAAA`],
    ["changed claims", "token-invalid", async () => token.replace(/\.[^.]+\./, `.${encode({ ...claims, account: "another" })}.`)],
  ])("%s is refused with %s", async (_, code, forge) => {
    const text = await forge();
    expect(await refusalOf(await ask(text && `Bearer ${text}`))).toEqual({ status: 401, code });
  });
});
