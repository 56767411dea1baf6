// The only requests that the origin makes to the edge. They are signed as the edge signs its own: for one method, path and body, for a minute.
import { createHash } from "node:crypto";
import { SignJWT } from "jose";
import type { AccountSnapshot } from "#contract/accounts.ts";
import { assertionHeader, assertionLifetimeSeconds, pushAudience, pushIssuer } from "#contract/assertion.ts";

export type SendSnapshot = (snapshot: AccountSnapshot, signal: AbortSignal) => Promise<void>;

const answerMs = 3_000;

/** Ends well when the edge has taken the snapshot, or has no use for it. */
export function sendSnapshot({ edgeUrl, edgeKey }: { edgeUrl: string; edgeKey: Uint8Array }): SendSnapshot {
  return async (snapshot, signal) => {
    const method = "POST";
    const path = `/internal/accounts/${snapshot.account}`;
    const body = JSON.stringify(snapshot);
    const issuedAt = Math.floor(Date.now() / 1000);
    const assertion = await new SignJWT({ method, path, body_sha256: createHash("sha256").update(body).digest("hex") })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuer(pushIssuer)
      .setAudience(pushAudience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + assertionLifetimeSeconds)
      .sign(edgeKey);
    const response = await fetch(`${edgeUrl}${path}`, {
      method,
      headers: { "content-type": "application/json", [assertionHeader]: assertion },
      body,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the edge answered ${response.status}`);
  };
}
