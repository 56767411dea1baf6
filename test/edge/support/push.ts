import { createHash } from "node:crypto";
import { SignJWT } from "jose";
import type { AccountSnapshot } from "#contract/accounts.ts";
import { assertionHeader, pushAudience, pushIssuer } from "#contract/assertion.ts";

type Target = { url: string; edgeKey: string };
/** What is signed, where it differs from what is sent. */
export type PushChanges = { key?: string; claims?: Record<string, unknown>; path?: string; body?: string };

/** A snapshot on its way from the origin to the edge. */
export const pushTo =
  ({ url, edgeKey }: Target) =>
  async (snapshot: AccountSnapshot, { key = edgeKey, claims = {}, ...sent }: PushChanges = {}): Promise<Response> => {
    const path = `/internal/accounts/${snapshot.account}`;
    const body = JSON.stringify(snapshot);
    const now = Math.floor(Date.now() / 1000);
    const signed = { method: "POST", path, body_sha256: createHash("sha256").update(body).digest("hex") };
    const token = await new SignJWT({ iss: pushIssuer, aud: pushAudience, iat: now, exp: now + 60, ...signed, ...claims })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .sign(new TextEncoder().encode(key));
    return fetch(`${url}${sent.path ?? path}`, {
      method: "POST",
      headers: { "content-type": "application/json", [assertionHeader]: token },
      body: sent.body ?? body,
    });
  };
