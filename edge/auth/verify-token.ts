import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { Problem } from "#contract/problems.ts";
import type { Credential } from "../accounts/identify.ts";
import type { Env } from "../env.ts";
import { foreignClaims } from "./foreign-claims.ts";
import { issuerKeys } from "./keys.ts";
import { ownClaims } from "./own-claims.ts";

export type Claimed = { credential: Credential } | { fault: string };

type Issuer = {
  issuer: string;
  audience: string;
  algorithms: string[];
  keys: JWTVerifyGetKey;
  /** Allowed `typ`s, in lower case. */
  types: readonly string[];
  claims(payload: JWTPayload): Claimed;
};

const clockToleranceSeconds = 5;
const ageMax = "24h";
const compact = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** RFC 9068. Tokens of other kinds (`logout+jwt`, `dpop+jwt`) are refused. */
const accessToken = ["at+jwt", "application/at+jwt"] as const;
/** Issuers that predate it write `JWT`. */
const anyToken = [...accessToken, "jwt"] as const;

const invalid = (cause: unknown) => new Problem("token-invalid", undefined, { cause });

/** Our own issuer and the foreign ones, by name. */
function issuersOf(env: Env): Map<string, Issuer> {
  const own: Issuer = {
    issuer: env.JWT_ISSUER,
    audience: env.JWT_AUDIENCE,
    algorithms: env.JWT_ALGORITHMS,
    keys: issuerKeys(env, env.JWT_JWKS),
    types: accessToken,
    claims: ownClaims,
  };
  const foreign = env.JWT_ISSUERS.map((row): Issuer => {
    const { issuer, audience, algorithms, jwks } = row;
    return { issuer, audience, algorithms, keys: issuerKeys(env, jwks), types: anyToken, claims: (payload) => foreignClaims(payload, row) };
  });
  return new Map([own, ...foreign].map((issuer) => [issuer.issuer, issuer]));
}

/** Whose rules the token asks to be judged by; nothing of it is believed yet. */
function issuerOf(token: string, issuers: Map<string, Issuer>): Issuer {
  let name: unknown;
  try {
    name = compact.test(token) ? decodeJwt(token).iss : undefined;
  } catch (cause) {
    throw invalid(cause);
  }
  const issuer = typeof name === "string" ? issuers.get(name) : undefined;
  if (!issuer) throw invalid("no token of an issuer that is known here");
  return issuer;
}

/** Who a token speaks for. The caller learns only that it is invalid or expired; the log has the reason. */
export function tokenVerifier(env: Env): (token: string, now: Date) => Promise<Credential> {
  const issuers = issuersOf(env);
  return async (token, now) => {
    const { issuer, audience, algorithms, keys, types, claims } = issuerOf(token, issuers);
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      algorithms,
      issuer,
      audience,
      requiredClaims: ["exp", "iat"],
      maxTokenAge: ageMax,
      clockTolerance: clockToleranceSeconds,
      currentDate: now,
    }).catch((cause: unknown) => {
      if (cause instanceof Problem) throw cause;
      throw cause instanceof errors.JWTExpired ? new Problem("token-expired", undefined, { cause }) : invalid(cause);
    });
    if ("crit" in protectedHeader) throw invalid("header crit");
    if (!types.includes(String(protectedHeader.typ).toLowerCase())) throw invalid(`header typ ${protectedHeader.typ}`);
    const claimed = claims(payload);
    if ("fault" in claimed) throw invalid(claimed.fault);
    return claimed.credential;
  };
}
