import { and, desc, eq, getTableColumns, lt, type SQL } from "drizzle-orm";
import type { Database } from "../db/database.ts";
import { type JobRow, jobs } from "../db/schema.ts";
import { pageOf, seqBefore } from "../paging.ts";

/** A page costs no more than looking at so many rows, however rare what is sought. */
export const rowsLookedAtMax = 5_000;

type Search = {
  limit: number;
  after: string | undefined;
  /** What an index finds. */
  within: SQL | undefined;
  /** What each row is asked. */
  filter: SQL | undefined;
};

/** A page of jobs, newest first. It may hold fewer than asked for, or none, and still name the next. */
export async function searchJobs<Item>(
  db: Database,
  search: Search,
  item: (row: JobRow) => Item,
): Promise<{ data: Item[]; next_cursor?: string }> {
  const { limit, after, within, filter } = search;
  const before = seqBefore(after);
  const here = and(within, before === undefined ? undefined : lt(jobs.seq, before));
  const looked = db
    .select({ id: jobs.id, seq: jobs.seq })
    .from(jobs)
    .where(here)
    .orderBy(desc(jobs.seq))
    .limit(rowsLookedAtMax)
    .as("looked");
  const rows = await db
    .select(getTableColumns(jobs))
    .from(jobs)
    .innerJoin(looked, eq(looked.id, jobs.id))
    .where(filter)
    .orderBy(desc(looked.seq))
    .limit(limit + 1);
  const page = pageOf(rows, limit, (row) => item(row));
  if (page.next_cursor !== undefined) return page;
  const [last] = await db
    .select({ seq: jobs.seq })
    .from(jobs)
    .where(here)
    .orderBy(desc(jobs.seq))
    .offset(rowsLookedAtMax - 1)
    .limit(1);
  return last ? { ...page, next_cursor: `${last.seq}` } : page;
}
