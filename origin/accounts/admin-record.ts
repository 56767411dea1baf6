import { eq, getTableColumns, type SQL, sql } from "drizzle-orm";
import type { AdminAccount } from "#contract/accounts.ts";
import type { Database } from "../db/database.ts";
import { type AccountRow, accounts } from "../db/schema.ts";

type Counted = AccountRow & { members: number; keys: number };

// Written out, because drizzle leaves the table's name off in the columns of a plain select.
const members = sql<number>`(select count(*)::int from members m where m.organization_id = "accounts"."id")`;
const keys = sql<number>`(select count(*)::int from api_keys k where k.account = "accounts"."id" and k.revoked_at is null and coalesce(k.expires_at, 'infinity') > now())`;

/** Accounts with the number of their people and of the keys that hold. */
export const countedAccounts = (db: Database, which: SQL | undefined) =>
  db
    .select({ ...getTableColumns(accounts), members, keys })
    .from(accounts)
    .where(which);

export async function findCounted(db: Database, id: string): Promise<Counted | undefined> {
  const [row] = await countedAccounts(db, eq(accounts.id, id));
  return row?.deletedAt ? undefined : row;
}

/** An account as administrators and the audit log see it. */
export function adminRecord(row: Counted): AdminAccount {
  return {
    id: row.id,
    name: row.name,
    tier: row.tier,
    limit_overrides: row.limitOverrides,
    features: row.features,
    ...(row.suspendedAt && { suspended_at: row.suspendedAt.toISOString() }),
    ...(row.suspendedReason && { suspended_reason: row.suspendedReason }),
    version: row.version,
    created_at: row.createdAt.toISOString(),
    members: row.members,
    keys: row.keys,
  };
}
