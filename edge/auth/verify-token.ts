import { errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";
import { type Principal, Principal as PrincipalSchema } from "#contract/assertion.ts";
import { Problem } from "#contract/problems.ts";
import type { Env } from "../env.ts";

const clockToleranceSeconds = 5;
const ageMax = "24h";
/** RFC 9068 names access tokens `at+jwt`; issuers that predate it write `JWT`. Tokens of other kinds (`logout+jwt`, `dpop+jwt`) are refused. */
const types = new Set(["at+jwt", "application/at+jwt", "jwt"]);

/** Our own issuer states the tier; foreign issuers never may. */
const Claims = z.object({ sub: z.string().min(1).max(255), account: PrincipalSchema.shape.account, tier: PrincipalSchema.shape.tier });

const invalid = (cause: unknown) => new Problem("token-invalid", undefined, { cause });

/** Who a token speaks for. The caller learns only that it is invalid or expired; the log has the reason. */
export async function verifyToken(
  token: string,
  keys: JWTVerifyGetKey,
  rules: Pick<Env, "JWT_ISSUER" | "JWT_AUDIENCE" | "JWT_ALGORITHMS">,
  now: Date,
): Promise<Principal> {
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    algorithms: rules.JWT_ALGORITHMS,
    issuer: rules.JWT_ISSUER,
    audience: rules.JWT_AUDIENCE,
    requiredClaims: ["exp", "iat", "sub"],
    maxTokenAge: ageMax,
    clockTolerance: clockToleranceSeconds,
    currentDate: now,
  }).catch((cause: unknown) => {
    if (cause instanceof Problem) throw cause;
    throw cause instanceof errors.JWTExpired ? new Problem("token-expired", undefined, { cause }) : invalid(cause);
  });
  if ("crit" in protectedHeader) throw invalid("header crit");
  if (!types.has(String(protectedHeader.typ).toLowerCase())) throw invalid(`header typ ${protectedHeader.typ}`);
  const claims = Claims.safeParse(payload);
  if (!claims.success) throw invalid(`claims ${claims.error.issues.map(({ path }) => path.join(".")).join(", ")}`);
  return { account: claims.data.account, tier: claims.data.tier, subject: claims.data.sub };
}
