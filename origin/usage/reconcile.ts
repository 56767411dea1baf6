// Holds the books against each other: per account and month, what the ledger says, what the jobs say, and what the counters say.
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { accounts, jobs, ledger, usagePeriods } from "../db/schema.ts";

/** In the order that they are told in: conversions, input bytes, pages, OCR pages. */
const Sums = z.tuple([z.coerce.number(), z.coerce.number(), z.coerce.number(), z.coerce.number()]);
const Books = z.object({
  account: z.string(),
  period: z.string(),
  /** Sum of the ledger. */
  ledger: Sums,
  /** Of succeeded live jobs; null for an account that was deleted, and its jobs with it. */
  jobs: Sums.nullable(),
  /** `usage_periods`, used. */
  used: Sums,
  /** Of live jobs that are queued or running. */
  unfinished: Sums,
  /** `usage_periods`, reserved. */
  reserved: Sums,
});
export type Books = z.infer<typeof Books>;
export const Reconciliation = z.object({ accounts: z.int(), differences: z.array(Books), repaired: z.boolean() });
export type Reconciliation = z.infer<typeof Reconciliation>;

/** `repair` counts `usage_periods` anew, from the ledger and from the jobs that have not ended; the ledger is never touched. Answers the differences before. */
export async function reconcile(db: Database, { repair }: { repair: boolean }): Promise<Reconciliation> {
  return db.transaction(async (tx) => {
    // Who changes the counters waits; who waits sees the repaired ones. One statement then reads all books at one moment.
    if (repair) await tx.execute(sql`lock table ${usagePeriods} in exclusive mode`);
    const books = z.array(Books).parse(await tx.select(bookColumns).from(sql`(${allBooks}) as books`));
    const differences = books.filter((row) => !agrees(row));
    if (repair) for (const row of differences) await recount(tx, row);
    return { accounts: new Set(books.map(({ account }) => account)).size, differences, repaired: repair && differences.length > 0 };
  });
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const agrees = (row: Books) =>
  same(row.ledger, row.used) && same(row.unfinished, row.reserved) && (row.jobs === null || same(row.jobs, row.ledger));

async function recount(db: Database, { account, period, ledger: used, unfinished: reserved }: Books): Promise<void> {
  const counters = {
    conversionsUsed: used[0],
    inputBytesUsed: used[1],
    pagesUsed: used[2],
    ocrPagesUsed: used[3],
    conversionsReserved: reserved[0],
    inputBytesReserved: reserved[1],
    pagesReserved: reserved[2],
    ocrPagesReserved: reserved[3],
  };
  await db
    .insert(usagePeriods)
    .values({ account, period, ...counters })
    .onConflictDoUpdate({ target: [usagePeriods.account, usagePeriods.period], set: counters });
}

const bookColumns = Object.fromEntries(
  ["account", "period", "ledger", "jobs", "used", "unfinished", "reserved"].map((name) => [name, sql.raw(`books.${name}`)]),
) as Record<keyof Books, ReturnType<typeof sql.raw>>;

const none = sql`json_build_array(0, 0, 0, 0)`;
const jobSums = (states: string) =>
  sql`select account, period, json_build_array(count(*), sum((select sum((i->>'size')::bigint) from jsonb_array_elements(inputs) i)), sum(pages), sum(ocr_pages)) as sums
    from ${jobs} where period is not null and state in (${sql.raw(states)}) group by 1, 2`;
const allBooks = sql`
  select account, period,
    coalesce(l.sums, ${none}) as ledger,
    case when exists (select from ${accounts} a where a.id = account and a.deleted_at is null) then coalesce(s.sums, ${none}) end as jobs,
    coalesce(u.used, ${none}) as used,
    coalesce(r.sums, ${none}) as unfinished,
    coalesce(u.reserved, ${none}) as reserved
  from (select account, period, json_build_array(sum(conversions), sum(input_bytes), sum(pages), sum(ocr_pages)) as sums from ${ledger} group by 1, 2) l
  full join (${jobSums("'succeeded'")}) s using (account, period)
  full join (${jobSums("'queued', 'running'")}) r using (account, period)
  full join (select account, period,
      json_build_array(conversions_used, input_bytes_used, pages_used, ocr_pages_used) as used,
      json_build_array(conversions_reserved, input_bytes_reserved, pages_reserved, ocr_pages_reserved) as reserved
    from ${usagePeriods}) u using (account, period)
  order by account, period`;
