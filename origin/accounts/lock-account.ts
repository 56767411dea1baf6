import { eq } from "drizzle-orm";
import { Problem } from "#contract/problems.ts";
import type { Database } from "../db/database.ts";
import { type AccountRow, accounts } from "../db/schema.ts";

/** The account's row, locked until the transaction ends: what is counted and decided under it is exact. */
export async function lockAccount(db: Database, id: string): Promise<AccountRow> {
  const [row] = await db.select().from(accounts).where(eq(accounts.id, id)).for("no key update");
  if (!row || row.deletedAt) throw new Problem("account-not-found");
  return row;
}
