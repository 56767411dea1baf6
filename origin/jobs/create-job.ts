import { and, count, eq, gte } from "drizzle-orm";
import type { Principal } from "#contract/assertion.ts";
import { isOn } from "#contract/features.ts";
import type { Job, JobOrder } from "#contract/jobs.ts";
import { operationOf } from "#contract/operations.ts";
import { Problem } from "#contract/problems.ts";
import { type TierLimits, testLimits } from "#contract/tiers.ts";
import { uploadKey } from "#contract/uploads.ts";
import { type AccountState, accountState } from "../accounts/account-state.ts";
import { lockAccount } from "../accounts/lock-account.ts";
import type { Database } from "../db/database.ts";
import { jobs } from "../db/schema.ts";
import { estimateCost } from "../queue/fair/cost.ts";
import type { LaneLoads } from "../queue/fair/lane-loads.ts";
import type { SealingKey } from "../seal.ts";
import { amountsOf, pagesOf } from "../usage/amounts.ts";
import { dayStart, nextDay, periodOf, secondsUntil } from "../usage/period.ts";
import { reserve } from "../usage/reserve.ts";
import { jobRecord } from "./job-record.ts";
import { sealSecrets } from "./secret-options.ts";
import { jobStore } from "./store.ts";

/** `db` is a transaction: the job and what it reserves are written together. */
export type CreateJobNeeds = { db: Database; optionsKey: SealingKey; lanes: Pick<LaneLoads, "admit">; now: Date };

/** Writes the job and reserves its quota. The edge chose the id, so that a repeated order is the same job. */
export async function createJob({ db, optionsKey, lanes, now }: CreateJobNeeds, principal: Principal, order: JobOrder): Promise<Job> {
  const [input] = order.inputs;
  const [step] = order.steps;
  if (!input || order.inputs.length > 1) throw new Problem("inputs-unsupported");
  if (!step || order.steps.length > 1) throw new Problem("steps-unsupported");
  if (input.key !== uploadKey(principal.account, input.upload)) throw new Problem("upload-not-found");
  const { account, livemode } = principal;
  const store = jobStore(db);
  const { row: owner, limits, features } = await lockedState(db, account);
  const before = await store.find(principal, order.id);
  if (before) return jobRecord(before);

  const operation = operationOf(step.operation);
  if (!isOn(features, `operation:${operation.id}`)) throw new Problem("feature-off", `${operation.id} is switched off.`);
  if (livemode && input.size > limits.file_bytes_max)
    throw new Problem("file-too-large", `The tier ${owner.tier} takes files of up to ${limits.file_bytes_max} bytes.`);
  await refuseAboveQueuedMax(db, account, limits);

  const costMs = estimateCost({
    bytes: input.size,
    contentType: input.content_type,
    operations: order.steps.map((each) => each.operation),
  });
  await lanes.admit(db, operation.lane, { account, costMs, limits });

  const period = livemode ? periodOf(now) : null;
  const fresh = { inputs: order.inputs, pages: 0, ocrPages: 0 };
  if (period === null) await refuseAboveTestLimits(db, account, input.size, now);
  else {
    const amounts = amountsOf(fresh);
    await reserve(db, { account, period }, limits, amounts, { wanted: { ...amounts, ...pagesOf(order.steps, 1) }, now });
  }
  const row = await store.insert({
    id: order.id,
    account,
    subject: principal.subject,
    key: principal.key ?? null,
    livemode,
    period,
    tier: owner.tier,
    lane: operation.lane,
    runDeadlineMs: limits.run_deadline_ms,
    inputs: fresh.inputs,
    costMs,
    queueSeconds: Math.min(order.expires_in ?? limits.queue_seconds_max, limits.queue_seconds_max),
    ...sealSecrets(optionsKey, order.id, order.steps),
  });
  // Taken by somebody else's job.
  if (!row) throw new Problem("job-not-found");
  return jobRecord(row);
}

/** The account as it is now; its jobs are created one after another, and none while it is being changed. */
async function lockedState(db: Database, account: string): Promise<AccountState> {
  await lockAccount(db, account);
  const state = await accountState(db, account);
  if (!state) throw new Problem("account-not-found");
  if (state.row.suspendedAt) throw new Problem("account-suspended");
  return state;
}

async function refuseAboveQueuedMax(db: Database, account: string, { jobs_queued_max }: TierLimits): Promise<void> {
  const queued = await countJobs(db, and(eq(jobs.account, account), eq(jobs.state, "queued")));
  if (queued < jobs_queued_max) return;
  throw new Problem("jobs-queued-max", `${queued} jobs wait; at most ${jobs_queued_max} may.`, {
    policy: "jobs-queued",
    retryAfterSeconds: 5,
  });
}

async function refuseAboveTestLimits(db: Database, account: string, bytes: number, now: Date): Promise<void> {
  const { file_bytes_max, jobs_per_day } = testLimits;
  if (bytes > file_bytes_max) throw new Problem("test-limit", `Test keys convert files of up to ${file_bytes_max} bytes.`);
  const today = await countJobs(db, and(eq(jobs.account, account), eq(jobs.livemode, false), gte(jobs.createdAt, dayStart(now))));
  if (today < jobs_per_day) return;
  throw new Problem("quota-conversions", `Test keys of an account make ${jobs_per_day} jobs a day.`, {
    policy: "test-jobs",
    retryAfterSeconds: secondsUntil(nextDay(now), now),
  });
}

async function countJobs(db: Database, which: ReturnType<typeof and>): Promise<number> {
  const [row] = await db.select({ count: count() }).from(jobs).where(which);
  return row?.count ?? 0;
}
