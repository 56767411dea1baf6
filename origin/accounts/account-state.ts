import { desc, eq } from "drizzle-orm";
import { effectiveFeatures, type Features } from "#contract/features.ts";
import { effectiveLimits, type TierLimits, type TierName } from "#contract/tiers.ts";
import type { Database } from "../db/database.ts";
import { type AccountRow, accounts, type TierVersionRow, tierVersions } from "../db/schema.ts";

export type AccountState = { row: AccountRow; limits: TierLimits; features: Features };

/** An account with what holds for it: its tier's newest version under its own overrides. Undefined when there is none, or it was deleted. */
export async function accountState(db: Database, id: string): Promise<AccountState | undefined> {
  const [row] = await db.select().from(accounts).where(eq(accounts.id, id));
  if (!row || row.deletedAt) return undefined;
  const tier = await currentTier(db, row.tier);
  return { row, limits: effectiveLimits(tier.limits, row.limitOverrides), features: effectiveFeatures(tier.features, row.features) };
}

export async function currentTier(db: Database, name: TierName): Promise<TierVersionRow> {
  const [tier] = await db.select().from(tierVersions).where(eq(tierVersions.name, name)).orderBy(desc(tierVersions.version)).limit(1);
  if (!tier) throw new Error(`The tier ${name} has no row: the tiers are seeded at the start.`);
  return tier;
}
