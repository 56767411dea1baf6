import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey } from "jose";
import { Problem } from "#contract/problems.ts";
import type { Env } from "../env.ts";

/** What the token itself is to blame for; any other failure means that the key set could not be had. */
const faultsOfTheToken = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

/** Finds a token's key in the issuer's set by `kid` and `alg`. Keys and addresses inside the token are never used. */
export function issuerKeys(jwks: Env["JWT_JWKS"]): JWTVerifyGetKey {
  const find = "url" in jwks ? createRemoteJWKSet(jwks.url) : createLocalJWKSet(jwks.keySet);
  return async (header, token) => {
    try {
      return await find({ alg: header.alg, ...(header.kid !== undefined && { kid: header.kid }) }, token);
    } catch (cause) {
      if (faultsOfTheToken.some((fault) => cause instanceof fault)) throw cause;
      throw new Problem("not-ready", "Tokens cannot be checked at the moment.", { cause, retryAfterSeconds: 5 });
    }
  };
}
