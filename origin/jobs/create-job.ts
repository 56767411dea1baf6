import { and, count, desc, eq, gte, sql } from "drizzle-orm";
import type { Principal } from "#contract/assertion.ts";
import { effectiveFeatures, type Features, isOn } from "#contract/features.ts";
import type { Job, JobOrder } from "#contract/jobs.ts";
import { operationOf } from "#contract/operations.ts";
import { Problem } from "#contract/problems.ts";
import { effectiveLimits, type TierLimits, testLimits } from "#contract/tiers.ts";
import { uploadKey } from "#contract/uploads.ts";
import { lockAccount } from "../accounts/lock-account.ts";
import type { Database } from "../db/database.ts";
import { type AccountRow, jobs, tierVersions } from "../db/schema.ts";
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
  const owner = await lockAccount(db, account);
  if (owner.suspendedAt) throw new Problem("account-suspended");
  // Read after the lock, so that what is counted stays so.
  const { limits, features, queued, known } = await standing(db, owner, order.id);
  const before = known ? await store.find(principal, order.id) : undefined;
  if (before) return jobRecord(before);

  const operation = operationOf(step.operation);
  if (!isOn(features, `operation:${operation.id}`)) throw new Problem("feature-off", `${operation.id} is switched off.`);
  if (livemode && input.size > limits.file_bytes_max)
    throw new Problem("file-too-large", `The tier ${owner.tier} takes files of up to ${limits.file_bytes_max} bytes.`);
  refuseAboveQueuedMax(queued, limits);

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

type Standing = { limits: TierLimits; features: Features; queued: number; known: boolean };

/** What holds for an account now: its tier's newest version under its own terms, how many of its jobs wait, and whether there is a job of this id. */
async function standing(db: Database, { id, tier, limitOverrides, features }: AccountRow, job: string): Promise<Standing> {
  const [found] = await db
    .select({
      limits: tierVersions.limits,
      features: tierVersions.features,
      queued: sql<number>`(select count(*)::int from ${jobs} j where j.account = ${id} and j.state = 'queued')`,
      known: sql<boolean>`exists (select 1 from ${jobs} j where j.id = ${job})`,
    })
    .from(tierVersions)
    .where(eq(tierVersions.name, tier))
    .orderBy(desc(tierVersions.version))
    .limit(1);
  if (!found) throw new Error(`The tier ${tier} has no row: the tiers are seeded at the start.`);
  return { ...found, limits: effectiveLimits(found.limits, limitOverrides), features: effectiveFeatures(found.features, features) };
}

function refuseAboveQueuedMax(queued: number, { jobs_queued_max }: TierLimits): void {
  if (queued < jobs_queued_max) return;
  throw new Problem("jobs-queued-max", `${queued} jobs wait; at most ${jobs_queued_max} may.`, {
    policy: "jobs-queued",
    retryAfterSeconds: 5,
  });
}

async function refuseAboveTestLimits(db: Database, account: string, bytes: number, now: Date): Promise<void> {
  const { file_bytes_max, jobs_per_day } = testLimits;
  if (bytes > file_bytes_max) throw new Problem("test-limit", `Test keys convert files of up to ${file_bytes_max} bytes.`);
  const [today] = await db
    .select({ count: count() })
    .from(jobs)
    .where(and(eq(jobs.account, account), eq(jobs.livemode, sql`false`), gte(jobs.createdAt, dayStart(now))));
  if (!today || today.count < jobs_per_day) return;
  throw new Problem("quota-conversions", `Test keys of an account make ${jobs_per_day} jobs a day.`, {
    policy: "test-jobs",
    retryAfterSeconds: secondsUntil(nextDay(now), now),
  });
}
