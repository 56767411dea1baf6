import { createHash } from "node:crypto";
import { errors, type JWTPayload, jwtVerify } from "jose";
import {
  Assertion,
  assertionAudience,
  assertionHeader,
  assertionIssuer,
  assertionLifetimeSeconds,
  type Caller,
} from "#contract/assertion.ts";
import { Problem } from "#contract/problems.ts";

type Request = { method: string; pathAndQuery: string; header(name: string): string | undefined; body: Uint8Array };

/** Who the edge says is calling, when the assertion is the edge's, by one of the keys, and was made for exactly this request. */
export async function verifyAssertion(keys: readonly Uint8Array[], { method, pathAndQuery, header, body }: Request): Promise<Caller> {
  const refuse = (cause: unknown) => new Problem("assertion-invalid", undefined, { cause });
  const token = header(assertionHeader);
  if (token === undefined) throw refuse(new Error("no assertion"));
  const payload = await payloadOf(token, keys).catch((cause) => Promise.reject(refuse(cause)));

  const claims = Assertion.safeParse(payload);
  if (!claims.success) throw refuse(claims.error);
  const { principal, address, ...bound } = claims.data;
  const found = { method, path: pathAndQuery, body_sha256: createHash("sha256").update(body).digest("hex") };
  for (const name of ["method", "path", "body_sha256"] as const) {
    if (bound[name] !== found[name]) throw refuse(new Error(`the assertion's ${name} is not the request's`));
  }
  return { ...(principal && { principal }), address };
}

async function payloadOf(token: string, [key, ...others]: readonly Uint8Array[]): Promise<JWTPayload> {
  if (key === undefined) throw new Error("signed with a key that is not ours");
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ["HS256"],
      audience: assertionAudience,
      issuer: assertionIssuer,
      maxTokenAge: assertionLifetimeSeconds,
      clockTolerance: 5,
      requiredClaims: ["exp"],
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return payloadOf(token, others);
    throw error;
  }
}
