// After a restore: ended jobs whose files are no longer in the object store become `expired`.
import { and, asc, gt, inArray, isNull } from "drizzle-orm";
import { isFinal, jobStates } from "#contract/jobs.ts";
import { uploadKey } from "#contract/uploads.ts";
import type { Database } from "../db/database.ts";
import { type JobRow, jobs } from "../db/schema.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import { deleteFiles } from "./delete-files.ts";
import { retentionStore } from "./store.ts";

type Needs = { db: Database; objects: Pick<ObjectStore, "page" | "list" | "remove"> };
type Bucket = "uploads" | "results";
/** `complete` have all their files, `expired` do not and have none any more; `foundNothing`: no job has a single file, and none was expired. */
export type Expiry = { complete: number; expired: number; foundNothing: boolean };

const pageSize = 1_000;
const jobsAtOnce = 500;

/**
 * Where no file at all is found nothing is done but by `evenAll`: it may be another bucket. `dryRun` only counts.
 * Inputs of jobs that have not ended are left to their run, which fails with `upload-not-found`.
 */
export async function expireMissing({ db, objects }: Needs, { dryRun, evenAll }: { dryRun: boolean; evenAll: boolean }): Promise<Expiry> {
  const there = { uploads: await keysOf(objects, "uploads"), results: await keysOf(objects, "results") };
  const missing: JobRow[] = [];
  let complete = 0;
  for await (const row of endedWithFiles(db)) {
    if (filesOf(row).every(({ bucket, key }) => there[bucket].has(key))) complete++;
    else missing.push(row);
  }
  if (complete === 0 && missing.length > 0 && !evenAll) return { complete, expired: missing.length, foundNothing: true };
  for (const row of dryRun ? [] : missing) {
    const due = await retentionStore(db).expireNow(row.id);
    if (due) await deleteFiles({ db, objects }, due);
  }
  return { complete, expired: missing.length, foundNothing: false };
}

/** What a job is kept for: its results, or without them the inputs that it may be retried with. */
function filesOf({ state, account, results, inputs }: JobRow): { bucket: Bucket; key: string }[] {
  if (state === "succeeded") return results.map(({ key }) => ({ bucket: "results", key }));
  return inputs.map(({ upload }) => ({ bucket: "uploads", key: uploadKey(account, upload) }));
}

async function* endedWithFiles(db: Database): AsyncGenerator<JobRow> {
  const ended = and(inArray(jobs.state, jobStates.filter(isFinal)), isNull(jobs.filesDeletedAt));
  for (let after = 0, full = true; full; ) {
    const rows = await db
      .select()
      .from(jobs)
      .where(and(ended, gt(jobs.seq, after)))
      .orderBy(asc(jobs.seq))
      .limit(jobsAtOnce);
    yield* rows;
    after = rows.at(-1)?.seq ?? after;
    full = rows.length === jobsAtOnce;
  }
}

async function keysOf(objects: Needs["objects"], bucket: Bucket): Promise<Set<string>> {
  const keys = new Set<string>();
  for (let after: string | undefined, full = true; full; ) {
    const page = await objects.page({ bucket, after });
    for (const { key } of page) keys.add(key);
    after = page.at(-1)?.key;
    full = page.length === pageSize;
  }
  return keys;
}
