import { isDeepStrictEqual } from "node:util";
import { eq } from "drizzle-orm";
import type { AccountChange, AdminAccount } from "#contract/accounts.ts";
import { Problem } from "#contract/problems.ts";
import { record } from "../audit/record.ts";
import type { Actor } from "../caller.ts";
import type { Database } from "../db/database.ts";
import { type AccountRow, accounts } from "../db/schema.ts";
import { adminRecord, findCounted } from "./admin-record.ts";
import { bumpVersion } from "./bump-version.ts";
import { lockAccount } from "./lock-account.ts";

type Terms = Pick<AccountRow, "tier" | "limitOverrides" | "features">;
type Standing = Pick<AccountRow, "suspendedAt" | "suspendedReason">;

/** Changes what an account may, suspends it, or lets it in again. What changes nothing leaves no trace. */
export async function changeAccount({ db }: { db: Database }, actor: Actor, id: string, change: AccountChange): Promise<AdminAccount> {
  return db.transaction(async (tx) => {
    const row = await lockAccount(tx, id);
    const deeds = [changeOfTerms(row, change), changeOfStanding(row, change)].filter((deed) => deed !== undefined);
    for (const { action, set, before, after } of deeds) {
      await tx.update(accounts).set(set).where(eq(accounts.id, id));
      const reason = change.reason !== undefined && { reason: change.reason };
      await record(tx, actor, { action, target: id, account: id, before, after: { ...after, ...reason } });
    }
    if (deeds.length > 0) await bumpVersion(tx, { account: id });
    const changed = await findCounted(tx, id);
    if (!changed) throw new Problem("account-not-found");
    return adminRecord(changed);
  });
}

function changeOfTerms(row: AccountRow, { tier, limit_overrides, features }: AccountChange) {
  const set: Terms = {
    tier: tier ?? row.tier,
    limitOverrides: limit_overrides ?? row.limitOverrides,
    features: features ?? row.features,
  };
  const [before, after] = [termsOf(row), termsOf(set)];
  return isDeepStrictEqual(before, after) ? undefined : { action: "account.change", set, before, after };
}

function changeOfStanding(row: AccountRow, { suspended, reason }: AccountChange) {
  if (suspended === undefined || suspended === (row.suspendedAt !== null)) return undefined;
  const set: Standing = suspended
    ? { suspendedAt: new Date(), suspendedReason: reason ?? null }
    : { suspendedAt: null, suspendedReason: null };
  return { action: suspended ? "account.suspend" : "account.resume", set, before: standingOf(row), after: standingOf(set) };
}

const termsOf = ({ tier, limitOverrides, features }: Terms) => ({ tier, limit_overrides: limitOverrides, features });
const standingOf = ({ suspendedAt, suspendedReason }: Standing) => ({ suspended_at: suspendedAt, suspended_reason: suspendedReason });
