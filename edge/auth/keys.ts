import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from "jose";
import { Problem } from "#contract/problems.ts";
import type { KeySource, ToOrigin } from "../env.ts";
import { fetchFromOrigin } from "../fetch-from-origin.ts";

/** What the token itself is to blame for; any other failure means that the key set could not be had. */
const faultsOfTheToken = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

const timeoutMs = 5_000;
/** A key that the set lacks makes it be fetched anew, so that new keys hold soon; not more often than this. */
const cooldownMs = 5_000;

/** The origin answers only what is asserted; other issuers get a plain request. */
function fetcher(env: ToOrigin, url: URL) {
  if (url.origin !== env.ORIGIN_URL) return undefined;
  return () => fetchFromOrigin(env, { method: "GET", path: `${url.pathname as `/${string}`}${url.search}`, timeoutMs });
}

function keySet(env: ToOrigin, source: KeySource): JWTVerifyGetKey {
  if ("keySet" in source) return createLocalJWKSet(source.keySet);
  const fetchKeys = fetcher(env, source.url);
  const options = { timeoutDuration: timeoutMs, cooldownDuration: cooldownMs };
  return createRemoteJWKSet(source.url, { ...options, ...(fetchKeys && { [customFetch]: fetchKeys }) });
}

/** Finds a token's key in the issuer's set by `kid` and `alg`. Keys and addresses inside the token are never used. */
export function issuerKeys(env: ToOrigin, source: KeySource): JWTVerifyGetKey {
  const find = keySet(env, source);
  return async (header, token) => {
    try {
      return await find({ alg: header.alg, ...(header.kid !== undefined && { kid: header.kid }) }, token);
    } catch (cause) {
      if (faultsOfTheToken.some((fault) => cause instanceof fault)) throw cause;
      throw new Problem("not-ready", "Tokens cannot be checked at the moment.", { cause, retryAfterSeconds: 5 });
    }
  };
}
