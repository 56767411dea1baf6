// What the edge asserts to the origin about every request it forwards: a JWT (HS256), bound to one request.
import { z } from "zod";
import { AccountId } from "./ids.ts";
import { TierName } from "./tiers.ts";

export const assertionHeader = "x-edge-assertion";
export const assertionAudience = "trustyconvert-origin";
export const assertionIssuer = "trustyconvert-edge";
/** Seconds between `iat` and `exp`. */
export const assertionLifetimeSeconds = 60;

export const Principal = z.object({
  account: AccountId,
  tier: TierName,
  /** Who within the account: the token's subject. */
  subject: z.string().max(255),
});
export type Principal = z.infer<typeof Principal>;

export const Assertion = Principal.extend({
  method: z.string(),
  /** Path and query, as sent. */
  path: z.string(),
  /** SHA-256 of the body, hex; of the empty string when there is none. */
  body_sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Assertion = z.infer<typeof Assertion>;
