import { eq, sql } from "drizzle-orm";
import type { TierName } from "#contract/tiers.ts";
import type { Database } from "../db/database.ts";
import { accounts } from "../db/schema.ts";

/** Says that the edge must learn of a change: every verb that changes what a snapshot holds calls it, in the transaction of the change. */
export async function bumpVersion(db: Database, whose: { account: string } | { tier: TierName }): Promise<void> {
  const these = "account" in whose ? eq(accounts.id, whose.account) : eq(accounts.tier, whose.tier);
  await db
    .update(accounts)
    .set({ version: sql`${accounts.version} + 1` })
    .where(these);
}
