import type { Principal } from "#contract/assertion.ts";
import { Problem } from "#contract/problems.ts";
import { isPerson, scopesNow } from "../auth/scopes-now.ts";
import type { Database } from "../db/database.ts";
import type { ApiKeyRow } from "../db/schema.ts";
import { findGoodKey } from "./store.ts";

/**
 * The key that asks, if one does. Refuses who may no longer do what their credential says: a token outlives a role by minutes, and the edge learns of a revoked key a moment later.
 * A key made in that time would outlive both. The transaction has locked the caller's account, or the key that is made is another account's.
 */
export async function requireStanding(tx: Database, principal: Principal): Promise<ApiKeyRow | undefined> {
  const { account, subject, key, scopes } = principal;
  if (key !== undefined) {
    const row = await findGoodKey(tx, principal, key);
    if (!row) throw new Problem("key-invalid");
    return row;
  }
  if (isPerson(subject)) {
    const now = await scopesNow(tx, subject, account);
    const lost = scopes.find((scope) => !now.includes(scope));
    if (lost) throw new Problem("token-invalid", undefined, { cause: `the person has lost the scope ${lost}` });
  }
  return undefined;
}
