import { tierDefaults, tierNames } from "#contract/tiers.ts";
import type { Database } from "../db/database.ts";
import { tierVersions } from "../db/schema.ts";

/** Gives each tier that has no version its first. What administrators have changed is never touched. */
export async function seedTiers(db: Database): Promise<void> {
  const rows = tierNames.map((name) => ({ name, version: 1, limits: tierDefaults[name], createdBy: "system" }));
  await db.insert(tierVersions).values(rows).onConflictDoNothing();
}
