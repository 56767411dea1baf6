// API keys of the stack on this machine. Who holds the edge's key can speak to the origin as the edge does, also for an administrator.

import { assertionHeader, type Principal } from "#contract/assertion.ts";
import { type KeyRequest, NewApiKey } from "#contract/keys.ts";
import { ProblemBody } from "#contract/problems.ts";
import { type Scope, scopes } from "#contract/scopes.ts";
import type { LimitOverrides, TierName } from "#contract/tiers.ts";
import { assert, sha256Hex } from "#edge/assert.ts";

/** `originHost`: where the origin is no process of this machine. */
export type LocalOrigin = { originPort: number; originHost?: string; edgeKey: string };
export type KeyFor = {
  account: string;
  tier: TierName;
  minutes: number;
  livemode?: boolean;
  scopes?: readonly Scope[];
  /** Instead of the tier's. */
  limits?: LimitOverrides;
};

const operator: Principal = { account: "operator", tier: "free", subject: "local", scopes: [...scopes], livemode: true };
const everyday = scopes.filter((scope) => scope !== "admin");

/** A fresh key of the account, which is made when there is none, and has the tier afterwards. */
export async function localKey(
  origin: LocalOrigin,
  { account, tier, minutes, livemode = true, scopes = everyday, limits }: KeyFor,
): Promise<NewApiKey> {
  const made = await ask(origin, "POST", "/v1/admin/accounts", { id: account, name: account, tier });
  if (made.code !== undefined && made.code !== "account-exists") throw new Error(`the account was refused: ${made.code}`);
  if (made.code !== undefined || limits) {
    const changed = await ask(origin, "PATCH", `/v1/admin/accounts/${account}`, { tier, ...(limits && { limit_overrides: limits }) });
    if (changed.code !== undefined) throw new Error(`the account's tier was refused: ${changed.code}`);
  }
  const request = { name: "local", livemode, scopes: [...scopes], expires_in_seconds: minutes * 60 } satisfies Partial<KeyRequest>;
  const key = await ask(origin, "POST", `/v1/admin/accounts/${account}/keys`, request);
  if (key.code !== undefined) throw new Error(`the key was refused: ${key.code}`);
  return NewApiKey.parse(key.body);
}

async function ask(origin: LocalOrigin, method: "POST" | "PATCH", path: `/${string}`, body: unknown) {
  const { originPort, originHost = "127.0.0.1", edgeKey } = origin;
  const text = JSON.stringify(body);
  const asserted = { principal: operator, address: "127.0.0.1", method, path, body_sha256: await sha256Hex(text) };
  const response = await fetch(`http://${originHost}:${originPort}${path}`, {
    method,
    headers: { "content-type": "application/json", [assertionHeader]: await assert(asserted, edgeKey, new Date()) },
    body: text,
  }).catch((cause: unknown) => {
    throw new Error(`The origin does not answer at ${originHost}:${originPort}. Is it started? (npm start)`, { cause });
  });
  const answer: unknown = await response.json();
  return { body: answer, code: response.ok ? undefined : ProblemBody.parse(answer).code };
}
