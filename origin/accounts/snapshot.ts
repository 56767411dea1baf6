import { and, asc, eq, gt, isNull, or, sql } from "drizzle-orm";
import type { AccountSnapshot } from "#contract/accounts.ts";
import { effectiveFeatures } from "#contract/features.ts";
import { effectiveLimits } from "#contract/tiers.ts";
import type { Database } from "../db/database.ts";
import { type AccountRow, type ApiKeyRow, accounts, apiKeys } from "../db/schema.ts";
import { currentTier } from "./account-state.ts";

/** What the edge may know of an account. Undefined when there is none, or it was deleted. */
export async function accountSnapshot(db: Database, id: string): Promise<AccountSnapshot | undefined> {
  const row = await find(db, id);
  return row && !row.deletedAt ? describe(db, row) : undefined;
}

/** What the edge is to be told; undefined when it knows. A deleted account is one that nobody may use. */
export async function snapshotToPush(db: Database, id: string): Promise<AccountSnapshot | undefined> {
  const row = await find(db, id);
  return row && row.pushedVersion < row.version ? describe(db, row) : undefined;
}

/** The row is read before all else: a snapshot may be newer than its version says, which the next push mends, but never older. */
async function find(db: Database, id: string): Promise<AccountRow | undefined> {
  const [row] = await db.select().from(accounts).where(eq(accounts.id, id));
  return row;
}

async function describe(db: Database, row: AccountRow): Promise<AccountSnapshot> {
  const tier = await currentTier(db, row.tier);
  const keys = row.deletedAt ? [] : await goodKeys(db, row.id);
  return {
    account: row.id,
    version: row.version,
    tier: row.tier,
    limits: effectiveLimits(tier.limits, row.limitOverrides),
    features: effectiveFeatures(tier.features, row.features),
    suspended: row.suspendedAt !== null || row.deletedAt !== null,
    keys: keys.map(keyForEdge),
  };
}

/** Neither revoked nor expired. */
const goodKeys = (db: Database, account: string): Promise<ApiKeyRow[]> =>
  db
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.account, account), isNull(apiKeys.revokedAt), or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, sql`now()`))))
    .orderBy(asc(apiKeys.seq));

const keyForEdge = ({ id, digest, livemode, scopes, expiresAt, allowedAddresses }: ApiKeyRow): AccountSnapshot["keys"][number] => ({
  id,
  digest,
  livemode,
  scopes,
  ...(expiresAt && { expires_at: expiresAt.toISOString() }),
  allowed_addresses: allowedAddresses,
});
