import { type CryptoKey, SignJWT } from "jose";
import { type Assertion, assertionAudience, assertionIssuer, assertionLifetimeSeconds } from "#contract/assertion.ts";

export async function sha256Hex(data: string | Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", typeof data === "string" ? new TextEncoder().encode(data) : data);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const algorithm = { name: "HMAC", hash: "SHA-256" };
let known: { edgeKey: string; key: CryptoKey } | undefined;

/** Imported once per isolate. */
async function signingKey(edgeKey: string): Promise<CryptoKey> {
  if (known?.edgeKey === edgeKey) return known.key;
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(edgeKey), algorithm, false, ["sign"]);
  known = { edgeKey, key };
  return key;
}

/** Signs what the edge vouches for about one request to the origin. */
export async function assert(assertion: Assertion, edgeKey: string, now: Date): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new SignJWT(assertion)
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(assertionIssuer)
    .setAudience(assertionAudience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + assertionLifetimeSeconds)
    .sign(await signingKey(edgeKey));
}
