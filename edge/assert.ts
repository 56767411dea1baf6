import { SignJWT } from "jose";
import { type Assertion, assertionAudience, assertionIssuer, assertionLifetimeSeconds } from "#contract/assertion.ts";

export async function sha256Hex(data: string | Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", typeof data === "string" ? new TextEncoder().encode(data) : data);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Signs what the edge vouches for about one request to the origin. */
export function assert(assertion: Assertion, edgeKey: string, now: Date): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new SignJWT(assertion)
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(assertionIssuer)
    .setAudience(assertionAudience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + assertionLifetimeSeconds)
    .sign(new TextEncoder().encode(edgeKey));
}
