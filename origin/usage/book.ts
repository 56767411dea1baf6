// Writes `usage_periods`, as do `settle.ts` at an end and the repair; nobody else.
import { sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Database } from "../db/database.ts";
import { type UsagePeriodRow, usagePeriods } from "../db/schema.ts";
import { type Amounts, nothing } from "./amounts.ts";

export type Period = Pick<UsagePeriodRow, "account" | "period">;

/** Adds (or takes, where negative) to what is reserved and used, and answers what it is then. The row is this transaction's until its end. */
export async function book(
  db: Database,
  { account, period }: Period,
  { reserved = nothing, used = nothing }: { reserved?: Amounts; used?: Amounts },
): Promise<UsagePeriodRow> {
  const changes = {
    conversionsReserved: reserved.conversions,
    conversionsUsed: used.conversions,
    inputBytesReserved: reserved.inputBytes,
    inputBytesUsed: used.inputBytes,
    pagesReserved: reserved.pages,
    pagesUsed: used.pages,
    ocrPagesReserved: reserved.ocrPages,
    ocrPagesUsed: used.ocrPages,
  };
  const plus = (column: PgColumn, change: number) => sql`${column} + ${change}::bigint`;
  const [row] = await db
    .insert(usagePeriods)
    .values({ account, period, ...changes })
    .onConflictDoUpdate({
      target: [usagePeriods.account, usagePeriods.period],
      set: Object.fromEntries(
        Object.entries(changes).map(([name, change]) => [name, plus(usagePeriods[name as keyof typeof changes], change)]),
      ),
    })
    .returning();
  if (!row) throw new Error("an upsert without a row");
  return row;
}
