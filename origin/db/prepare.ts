import { seedTiers } from "../accounts/seed-tiers.ts";
import type { OpenDatabase } from "./database.ts";

/** The schema and the rows that this release needs. Any number of times. */
export async function prepare(database: OpenDatabase): Promise<void> {
  await database.migrate();
  await seedTiers(database.db);
}
