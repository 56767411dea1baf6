import { errors, jwtVerify } from "jose";
import type { z } from "zod";
import { AccountSnapshot } from "#contract/accounts.ts";
import { Assertion, assertionHeader, assertionLifetimeSeconds, pushAudience, pushIssuer } from "#contract/assertion.ts";
import { AccountId } from "#contract/ids.ts";
import { Problem } from "#contract/problems.ts";
import { sha256Hex } from "../assert.ts";
import type { EdgeContext } from "../context.ts";
import type { Env } from "../env.ts";
import { parseJson, readBytes } from "../json-body.ts";
import { pathOf } from "../pass-on.ts";

const bodyBytesMax = 1_000_000;
const Claims = Assertion.pick({ method: true, path: true, body_sha256: true });

/** Strangers learn nothing, not even that there is something here. */
const refused = (cause: unknown) => new Problem("route-not-found", undefined, { cause });

async function claimsOf(c: EdgeContext, edgeKey: string, also?: string): Promise<z.infer<typeof Claims>> {
  const token = c.req.header(assertionHeader) ?? "";
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(edgeKey), {
      algorithms: ["HS256"],
      issuer: pushIssuer,
      audience: pushAudience,
      requiredClaims: ["iat", "exp"],
      maxTokenAge: assertionLifetimeSeconds,
      clockTolerance: 5,
    });
    return Claims.parse(payload);
  } catch (error) {
    if (also !== undefined && error instanceof errors.JWSSignatureVerificationFailed) return claimsOf(c, also);
    throw error;
  }
}

/** Takes an account's new state from the origin, which signs it as we sign what we forward. */
export async function receivePush(env: Env, c: EdgeContext): Promise<Response> {
  const claims = await claimsOf(c, env.EDGE_KEY, env.EDGE_KEY_ALSO).catch((cause: unknown) => {
    throw refused(cause);
  });
  if (claims.method !== "POST" || claims.path !== pathOf(c)) throw refused("signed for another request");
  const body = await readBytes(c.req.raw, bodyBytesMax);
  if (claims.body_sha256 !== (await sha256Hex(body))) throw refused("signed for another body");
  const snapshot = AccountSnapshot.safeParse(parseJson(body));
  const account = AccountId.safeParse(c.req.param("id"));
  if (!snapshot.success || !account.success || snapshot.data.account !== account.data)
    throw new Problem("request-invalid", "Not a snapshot of this account.");
  await env.ACCOUNTS.getByName(account.data).push(snapshot.data);
  return c.body(null, 204);
}
