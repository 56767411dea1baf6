import { and, eq, gte, lt, type SQL, sql, sum } from "drizzle-orm";
import type { Principal } from "#contract/assertion.ts";
import { Problem } from "#contract/problems.ts";
import { type Usage, type UsageQuery, type UsageRow, usageDaysMax } from "#contract/usage.ts";
import type { Database } from "../db/database.ts";
import { ledger } from "../db/schema.ts";
import { nextDay } from "./period.ts";

type Needs = { db: Database; now: Date };

/** What was charged, from the ledger. Test keys are charged nothing. */
export async function readUsage({ db, now }: Needs, { account, livemode }: Principal, query: UsageQuery): Promise<Usage> {
  const today = now.toISOString().slice(0, 10);
  const to = query.to ?? today;
  const from = query.from ?? `${to.slice(0, 7)}-01`;
  const [first, end] = [new Date(from), nextDay(new Date(to))];
  const days = (end.getTime() - first.getTime()) / 86_400_000;
  if (days < 1) throw badRange("from", "must not come after `to`");
  if (days > usageDaysMax) throw badRange("from", `at most ${usageDaysMax} days are told at once`);

  const within = and(eq(ledger.account, account), gte(ledger.at, first), lt(ledger.at, end));
  const data = livemode ? await rowsBy(db, query.group_by, within) : [];
  return { livemode, from, to, data, total: totalOf(data) };
}

const columns: Record<UsageQuery["group_by"], SQL> = {
  day: sql`to_char(${ledger.at} at time zone 'UTC', 'YYYY-MM-DD')`,
  operation: sql`${ledger.operation}`,
  key: sql`${ledger.key}`,
};

async function rowsBy(db: Database, group: UsageQuery["group_by"], within: SQL | undefined): Promise<UsageRow[]> {
  // By its place in the list: the same expression twice would be two parameters to Postgres.
  const rows = await db
    .select({
      name: sql<string | null>`${columns[group]}`,
      conversions: sum(ledger.conversions),
      input_bytes: sum(ledger.inputBytes),
      pages: sum(ledger.pages),
      ocr_pages: sum(ledger.ocrPages),
    })
    .from(ledger)
    .where(within)
    .groupBy(sql`1`)
    .orderBy(sql`1 nulls last`);
  return rows.map(({ name, conversions, input_bytes, pages, ocr_pages }) => ({
    [group]: name,
    conversions: Number(conversions),
    input_bytes: Number(input_bytes),
    pages: Number(pages),
    ocr_pages: Number(ocr_pages),
  }));
}

function totalOf(rows: UsageRow[]): UsageRow {
  const total = { conversions: 0, input_bytes: 0, pages: 0, ocr_pages: 0 };
  for (const row of rows) for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += row[name];
  return total;
}

const badRange = (pointer: string, detail: string) =>
  new Problem("request-invalid", `${pointer}: ${detail}`, { errors: [{ pointer, detail }] });
