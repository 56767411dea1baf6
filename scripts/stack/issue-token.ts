import { importJWK, SignJWT } from "jose";
import type { TierName } from "#contract/tiers.ts";
import type { Secrets } from "./secrets.ts";

export const localIssuer = "urn:trustyconvert:local";
export const localAudience = "trustyconvert";
/** The edge refuses tokens that are older. */
export const tokenMinutesMax = 24 * 60;

export type TokenFor = { account: string; tier: TierName; subject: string; minutes: number };

/** An access token (RFC 9068) of the local issuer. */
export async function issueToken({ issuer }: Secrets, { account, tier, subject, minutes }: TokenFor, now: Date): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new SignJWT({ account, tier })
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: issuer.kid })
    .setIssuer(localIssuer)
    .setAudience(localAudience)
    .setSubject(subject)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + minutes * 60)
    .sign(await importJWK(issuer.privateKey, "ES256"));
}
