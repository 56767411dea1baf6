import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose";
import { scopes } from "#contract/scopes.ts";

export const issuerName = "https://issuer.test";
export const audience = "trustyconvert-test";

const scope = scopes.filter((name) => name !== "admin").join(" ");

export type TokenChanges = { header?: Partial<JWTHeaderParameters> & Record<string, unknown>; claims?: JWTPayload; without?: string[] };

/** An issuer of tokens with a key of its own. */
export async function createIssuer() {
  const kid = "test-1";
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" };

  /** A good token of the account, unless changed. */
  async function token(account = "acme", { header = {}, claims = {}, without = [] }: TokenChanges = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const payload = {
      iss: issuerName,
      aud: audience,
      sub: "somebody",
      iat: now,
      exp: now + 600,
      account,
      scope,
      livemode: true,
      ...claims,
    };
    const kept = Object.fromEntries(Object.entries(payload).filter(([name]) => !without.includes(name)));
    return new SignJWT(kept).setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid, ...header }).sign(privateKey);
  }
  return { jwk, publicKey, privateKey, jwks: JSON.stringify({ keys: [jwk] }), token };
}
