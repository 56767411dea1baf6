import { eq } from "drizzle-orm";
import type { z } from "zod";
import { Problem } from "#contract/problems.ts";
import type { AdminJob } from "#contract/routes/admin.ts";
import { accountState } from "../accounts/account-state.ts";
import { lockAccount } from "../accounts/lock-account.ts";
import { type Doer, record } from "../audit/record.ts";
import type { Database } from "../db/database.ts";
import { type JobRow, jobs } from "../db/schema.ts";
import { amountsOf, pagesOf } from "../usage/amounts.ts";
import { periodOf } from "../usage/period.ts";
import { reserve } from "../usage/reserve.ts";
import { adminJobRecord } from "./admin-job-record.ts";
import { filesAreGone } from "./files-expiry.ts";
import { jobStore } from "./store.ts";

/** `db` is a transaction: the move, its quota and the audit entry are written together. */
type Needs = { db: Database; now: Date };

/** Gives a failed job one more chance, on behalf of an administrator. It counts toward the quota of the month in which that is. */
export async function retryJob({ db, now }: Needs, doer: Doer, id: string): Promise<z.infer<typeof AdminJob>> {
  const [{ account } = { account: undefined }] = await db.select({ account: jobs.account }).from(jobs).where(eq(jobs.id, id));
  if (account === undefined) throw new Problem("job-not-found");
  await lockAccount(db, account);
  const [row] = await db.select().from(jobs).where(eq(jobs.id, id)).for("update");
  const state = await accountState(db, account);
  if (!row || !state) throw new Problem("job-not-found");
  refuseUnretryable(row, now);
  if (state.row.suspendedAt) throw new Problem("job-not-retryable", "Its account is suspended.");

  const period = row.livemode ? periodOf(now) : null;
  const amounts = amountsOf({ inputs: row.inputs, pages: 0, ocrPages: 0 });
  if (period !== null)
    await reserve(db, { account, period }, state.limits, amounts, { wanted: { ...amounts, ...pagesOf(row.steps, 1) }, now });
  const queueExpiresAt = new Date(now.getTime() + state.limits.queue_seconds_max * 1_000);
  const queued = await jobStore(db).retry(id, { period, queueExpiresAt });
  if (!queued) throw new Problem("job-not-retryable");
  await record(db, doer, { action: "job.retry", target: id, account, before: { problem: row.problem?.code } });
  return adminJobRecord(queued);
}

function refuseUnretryable(row: JobRow, now: Date): void {
  if (row.state !== "failed") throw new Problem("job-not-retryable", `It is ${row.state}.`);
  if (filesAreGone(row, now)) throw new Problem("job-not-retryable", "Its files have been deleted.");
  if (row.secrets !== null) throw new Problem("job-not-retryable", "It had a password, which was erased when it ended.");
}
