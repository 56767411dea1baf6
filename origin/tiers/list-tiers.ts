import type { TierVersion } from "#contract/accounts.ts";
import { tierNames } from "#contract/tiers.ts";
import { currentTier } from "../accounts/account-state.ts";
import type { Database } from "../db/database.ts";
import { tierRecord } from "./tier-record.ts";

/** The tiers as they hold now, from the least to the most. */
export async function listTiers({ db }: { db: Database }): Promise<{ data: TierVersion[] }> {
  return { data: await Promise.all(tierNames.map(async (name) => tierRecord(await currentTier(db, name)))) };
}

/** What everybody may know of them. */
export async function listPublicTiers(needs: { db: Database }): Promise<{ data: Pick<TierVersion, "name" | "limits" | "features">[] }> {
  const { data } = await listTiers(needs);
  return { data: data.map(({ name, limits, features }) => ({ name, limits, features })) };
}
