// What the edge asserts to the origin about every request it forwards: a JWT (HS256), bound to one request.
import { z } from "zod";
import { AccountId, KeyId } from "./ids.ts";
import { Scope } from "./scopes.ts";
import { TierName } from "./tiers.ts";

export const assertionHeader = "x-edge-assertion";
export const assertionAudience = "trustyconvert-origin";
export const assertionIssuer = "trustyconvert-edge";
/** Seconds between `iat` and `exp`. */
export const assertionLifetimeSeconds = 60;

/** Who is calling, as the edge has established it. */
export const Principal = z.object({
  account: AccountId,
  tier: TierName,
  /** Who within the account: the token's subject, or the key's id. */
  subject: z.string().max(255),
  scopes: z.array(Scope),
  /** False for test keys, whose jobs are kept apart. */
  livemode: z.boolean(),
  /** The API key that is used, or that the token was made for. */
  key: KeyId.optional(),
});
export type Principal = z.infer<typeof Principal>;

/** What is known of every request, also of those without a principal (sign-in). */
export const Caller = z.object({ principal: Principal.optional(), address: z.string().max(64) });
export type Caller = z.infer<typeof Caller>;

export const Assertion = Caller.extend({
  method: z.string(),
  /** Path and query, as sent. */
  path: z.string(),
  /** SHA-256 of the body, hex; of the empty string when there is none. */
  body_sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Assertion = z.infer<typeof Assertion>;

/** What the origin asserts to the edge when it pushes an account's snapshot: the same, in the other direction. */
export const pushAudience = "trustyconvert-edge";
export const pushIssuer = "trustyconvert-origin";
