// The SQL of files that have had their time.
import { and, asc, eq, inArray, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "../db/database.ts";
import { type JobRow, jobs } from "../db/schema.ts";

export type DueJob = Pick<JobRow, "id" | "account" | "inputs">;

/** Who took due files and died has had so long; then somebody else takes them. */
const leaseMs = 300_000;

const dueBy = (now: Date) =>
  and(isNull(jobs.filesDeletedAt), lte(jobs.filesExpireAt, now), or(isNull(jobs.notBefore), lte(jobs.notBefore, now)));

export function retentionStore(db: Database) {
  return {
    /** Jobs whose files are due by `now`, for a while the caller's: other processes pass them over. */
    async takeDue(now: Date, jobsMax: number): Promise<DueJob[]> {
      return db.transaction(async (tx) => {
        const due = await tx
          .select({ id: jobs.id, account: jobs.account, inputs: jobs.inputs })
          .from(jobs)
          .where(dueBy(now))
          .orderBy(asc(jobs.filesExpireAt))
          .limit(jobsMax)
          .for("update", { skipLocked: true });
        const ids = due.map(({ id }) => id);
        if (ids.length > 0)
          await tx
            .update(jobs)
            .set({ notBefore: new Date(now.getTime() + leaseMs) })
            .where(inArray(jobs.id, ids));
        return due;
      });
    },

    async countDue(now: Date): Promise<number> {
      return db.$count(jobs, dueBy(now));
    },

    /** From here on nobody is given the files; the sweep deletes what the caller does not. Undefined when they are deleted. */
    async expireNow(id: string): Promise<DueJob | undefined> {
      const [row] = await db
        .update(jobs)
        .set({ filesExpireAt: sql`least(${jobs.filesExpireAt}, now())` })
        .where(and(eq(jobs.id, id), isNull(jobs.filesDeletedAt)))
        .returning();
      return row;
    },

    async noteDeleted(id: string): Promise<void> {
      await db
        .update(jobs)
        .set({ filesDeletedAt: sql`now()` })
        .where(and(eq(jobs.id, id), isNull(jobs.filesDeletedAt)));
    },

    /** Of these keys of uploads, those that no job has among its files. */
    unusedUploads: (keys: readonly string[]) =>
      orphansOf(
        keys,
        sql`j.account = split_part(k.key, '/', 1) and j.files_deleted_at is null
          and jsonb_path_query_array(j.inputs, '$[*].upload') @> to_jsonb(split_part(k.key, '/', 2))`,
      ),

    /** Of these keys of results, those that neither belong to an ended job nor to the attempt that is under way. */
    unclaimedResults: (keys: readonly string[]) =>
      orphansOf(
        keys,
        sql`j.id = split_part(k.key, '/', 2) and j.account = split_part(k.key, '/', 1) and j.files_deleted_at is null
          and ((j.state in ('queued', 'running') and j.attempt = split_part(k.key, '/', 3)::int)
            or j.results @> jsonb_build_array(jsonb_build_object('key', k.key)))`,
      ),
  };

  async function orphansOf(keys: readonly string[], claimed: SQL): Promise<string[]> {
    if (keys.length === 0) return [];
    const given = sql`(select jsonb_array_elements_text(${JSON.stringify(keys)}::jsonb) as key) as k`;
    // `offset 0` has each key asked by itself: joined, all jobs of its account would be looked through for it.
    const asked = sql`select 1 from ${jobs} j where ${claimed} offset 0`;
    const rows = await db.select({ key: sql<string>`k.key` }).from(given).where(sql`not exists (${asked})`);
    return rows.map(({ key }) => key);
  }
}
