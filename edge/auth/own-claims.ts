import type { JWTPayload } from "jose";
import { z } from "zod";
import { AccountId, KeyId } from "#contract/ids.ts";
import { Scope } from "#contract/scopes.ts";
import type { Credential } from "../accounts/identify.ts";
import type { Claimed } from "./verify-token.ts";

const lifetimeSecondsMax = 600;

const Claims = z.object({
  /** One audience, not a list: what we sign is for nobody else. */
  aud: z.string(),
  sub: z.string().min(1).max(255),
  iat: z.int(),
  exp: z.int(),
  account: AccountId,
  scope: z
    .string()
    .transform((text) => text.split(" ").filter((name) => name !== ""))
    .pipe(z.array(Scope)),
  livemode: z.boolean(),
  key: KeyId.optional(),
});

/** What a token of our own issuer says. */
export function ownClaims(payload: JWTPayload): Claimed {
  const parsed = Claims.safeParse(payload);
  if (!parsed.success) return { fault: `claims ${parsed.error.issues.map(({ path }) => path.join(".")).join(", ")}` };
  const { sub, iat, exp, account, scope, livemode, key } = parsed.data;
  if (exp - iat > lifetimeSecondsMax) return { fault: `a lifetime of ${exp - iat} seconds` };
  const credential: Credential = { kind: "token", account, subject: sub, scopes: scope, livemode, key };
  return { credential };
}
