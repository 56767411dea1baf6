import { and, eq, isNull, sql } from "drizzle-orm";
import type { Job } from "#contract/jobs.ts";
import type { Lane } from "#contract/operation.ts";
import type { TierLimits } from "#contract/tiers.ts";
import type { Database } from "../../db/database.ts";
import { inState, type JobRow, jobs, laneClocks } from "../../db/schema.ts";
import { accountTerms } from "./account-terms.ts";
import { admit, type LaneLimits } from "./admit.ts";
import { drainRate } from "./drain.ts";
import { forecast, type LaneLoad, type Waiting } from "./forecast.ts";

export type LaneLoads = ReturnType<typeof laneLoads>;

/** Reading all that waits costs milliseconds, so that it is read once in so long, whoever asks. */
const freshMs = 1_000;

/** What waits in the lanes, for admission and for forecasts. */
export function laneLoads(limits: LaneLimits, options: { freshMs: number } = { freshMs }) {
  const kept = new Map<Lane, { at: number; load: LaneLoad }>();

  async function loadOf(db: Database, lane: Lane): Promise<LaneLoad> {
    const known = kept.get(lane);
    if (known && performance.now() - known.at < options.freshMs) return known.load;
    const load = await readLoad(db, lane);
    kept.set(lane, { at: performance.now(), load });
    return load;
  }

  return {
    /** Refuses a job that its lane has no place for. */
    async admit(db: Database, lane: Lane, job: { account: string; costMs: number; limits: TierLimits }): Promise<void> {
      const load = await loadOf(db, lane);
      const { service_class: serviceClass, weight, jobs_running_max: runningMax } = job.limits;
      const before = load.waiting.find(({ account }) => account === job.account) ?? { jobs: 0, costMs: 0 };
      admit(load, { account: job.account, costMs: job.costMs, serviceClass, weight, runningMax, before }, limits);
    },

    /** Where a queued job stands; undefined for any other. */
    async place(db: Database, row: JobRow): Promise<Job["queue"]> {
      if (row.state !== "queued") return undefined;
      const { account, lane, costMs } = row;
      const load = await loadOf(db, lane);
      const own = load.waiting.find((each) => each.account === account);
      // In the window it is next; and what came within the last second is not in what was read.
      if (row.windowAt !== null || own === undefined) return { position: 1 };
      const before = await beforeOf(db, row);
      const { position, startsInMs } = forecast(load, { ...own, costMs, before });
      return { position, ...(startsInMs !== undefined && { starts_in_ms: startsInMs }) };
    },
  };
}

async function readLoad(db: Database, lane: Lane): Promise<LaneLoad> {
  const waiting: Waiting[] = await db
    .select({
      account: sql<string>`w.account`,
      serviceClass: sql<Waiting["serviceClass"]>`w.service_class`,
      weight: sql<number>`w.weight`,
      runningMax: sql<number>`w.running_max`,
      jobs: sql<number>`w.jobs`,
      costMs: sql<number>`w.cost_ms`,
    })
    .from(
      sql`(
        select terms.*, q.jobs, q.cost_ms from (
          select j.account, count(*)::int as jobs, sum(j.cost_ms)::float8 as cost_ms from ${jobs} j
          where j.state = 'queued' and j.window_at is null and j.lane = ${lane} group by j.account
        ) q join ${accountTerms()} terms on terms.account = q.account
      ) w`,
    );
  const [clock] = await db.select().from(laneClocks).where(eq(laneClocks.lane, lane));
  return { waiting, rate: clock && drainRate(clock) };
}

async function beforeOf(db: Database, { account, lane, turnAt, seq }: JobRow): Promise<{ jobs: number; costMs: number }> {
  const [row] = await db
    .select({ jobs: sql<number>`count(*)::int`, costMs: sql<number>`coalesce(sum(${jobs.costMs}), 0)::float8` })
    .from(jobs)
    .where(
      and(
        eq(jobs.lane, lane),
        eq(jobs.account, account),
        inState("queued"),
        isNull(jobs.windowAt),
        sql`(${jobs.turnAt}, ${jobs.seq}) < (${turnAt.toISOString()}::timestamptz, ${seq})`,
      ),
    );
  return row ?? { jobs: 0, costMs: 0 };
}
