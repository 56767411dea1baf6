// Accounts as a fake origin knows them, and keys that are theirs.
import { createHash, randomBytes } from "node:crypto";
import { AccountSnapshot } from "#contract/accounts.ts";
import { newId } from "#contract/ids.ts";
import { makeKey } from "#contract/keys.ts";
import { type Scope, scopes } from "#contract/scopes.ts";
import { type TierLimits, tierDefaults } from "#contract/tiers.ts";

const plenty = { per_minute: 1_000_000, burst: 100_000 };
/** Tests of other things are not to meet the rates. */
const limits: TierLimits = { ...tierDefaults.pro, requests: plenty, reads: plenty, jobs: plenty };

export type KeyChanges = {
  livemode?: boolean;
  scopes?: readonly Scope[];
  expires_at?: string;
  allowed_addresses?: string[];
};

export function createAccounts(...names: string[]) {
  const accounts = new Map<string, AccountSnapshot>();

  /** Changes an account, or makes one; every change has a new version. */
  function change(account: string, changes: Partial<AccountSnapshot> = {}): AccountSnapshot {
    const before = accounts.get(account) ?? { account, version: 0, tier: "pro", limits, features: {}, suspended: false, keys: [] };
    const after = AccountSnapshot.parse({ ...before, version: before.version + 1, ...changes });
    accounts.set(account, after);
    return after;
  }

  for (const name of names) change(name);
  return {
    change,
    remove: (account: string) => accounts.delete(account),
    snapshot: (account: string) => accounts.get(account),
    limit: (account: string, changed: Partial<TierLimits>) => change(account, { limits: { ...limits, ...changed } }),
    /** A new key of the account, with every scope but `admin` unless said otherwise. */
    addKey(account: string, { livemode = true, scopes: granted = scopes.filter((name) => name !== "admin"), ...rest }: KeyChanges = {}) {
      const key = makeKey({ account, livemode }, randomBytes(20));
      const id = newId("key", randomBytes(16));
      const row = {
        id,
        digest: createHash("sha256").update(key).digest("hex"),
        livemode,
        scopes: [...granted],
        allowed_addresses: [],
        ...rest,
      };
      change(account, { keys: [...(accounts.get(account)?.keys ?? []), row] });
      return { id, key };
    },
    revokeKey(account: string, id: string): AccountSnapshot {
      return change(account, { keys: (accounts.get(account)?.keys ?? []).filter((key) => key.id !== id) });
    },
  };
}
