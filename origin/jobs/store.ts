// The SQL of jobs. Every move names the state, and for a worker the attempt, that it expects, and says whether it happened.
import { and, eq, inArray, isNull, lt, sql } from "drizzle-orm";
import type { JobState, Progress } from "#contract/jobs.ts";
import { isFinal, jobMoves } from "#contract/jobs.ts";
import type { Lane } from "#contract/operation.ts";
import type { Database } from "../db/database.ts";
import { accounts, type JobRow, jobs, tierVersions } from "../db/schema.ts";
import { settle } from "../usage/settle.ts";
import { filesExpireAt } from "./files-expiry.ts";

/** One run of a job: late writes of another attempt are refused. */
export type Attempt = { id: string; attempt: number };

type WaitingFor = NonNullable<JobRow["waitingFor"]>;
type NewJob = Pick<
  JobRow,
  "id" | "account" | "subject" | "key" | "livemode" | "period" | "tier" | "lane" | "runDeadlineMs" | "inputs" | "steps" | "secrets"
>;
/** Whose jobs: those of test keys are a world of their own. */
export type Owner = Pick<JobRow, "account" | "livemode">;
type Move = Partial<Omit<JobRow, "id" | "seq" | "state">> & { state: JobState };

export type JobStore = ReturnType<typeof jobStore>;

/** The number is arbitrary and ours. */
const dispatchLock = 7_236_002;

/** What every end writes beside its state. */
const ending = (state: JobState) => ({
  windowAt: null,
  waitingFor: null,
  secrets: sql`case when ${jobs.secrets} is not null then '' end`,
  filesExpireAt: filesExpireAt(state),
});

const canceling = {
  state: "canceled" as const,
  finishedAt: sql`now()`,
  progress: sql`jsonb_set(${jobs.progress}, '{stage}', '"done"')`,
  ...ending("canceled"),
};

/** What a job that starts anew has not yet. */
const fresh = {
  state: "queued",
  waitingFor: "slot",
  progress: { stage: "waiting", fraction: 0 },
  windowAt: null,
  notBefore: null,
  startedAt: null,
  heartbeatAt: null,
  finishedAt: null,
  filesExpireAt: null,
  failures: 0,
  engineCrashes: 0,
  pages: 0,
  ocrPages: 0,
  warnings: [],
  results: [],
  timings: {},
  scan: null,
  engine: null,
  problem: null,
} satisfies Partial<JobRow>;

export function jobStore(db: Database) {
  const expected = ({ id, attempt }: Attempt, state: JobState) => and(eq(jobs.id, id), eq(jobs.attempt, attempt), eq(jobs.state, state));

  return {
    /** Undefined when the id exists already. */
    async insert(job: NewJob): Promise<JobRow | undefined> {
      const progress: Progress = { stage: "waiting", fraction: 0 };
      const [row] = await db
        .insert(jobs)
        .values({ ...job, progress, waitingFor: "slot" })
        .onConflictDoNothing()
        .returning();
      return row;
    },

    async find({ account, livemode }: Owner, id: string): Promise<JobRow | undefined> {
      const [row] = await db
        .select()
        .from(jobs)
        .where(and(eq(jobs.id, id), eq(jobs.account, account), eq(jobs.livemode, livemode)));
      return row;
    },

    /**
     * Moves the oldest waiting jobs of a lane into its window, up to `windowSize`, and gives them their attempt.
     * Accounts that have as many jobs running or in a window as their tier allows are passed over.
     */
    async enterWindow(lane: Lane, windowSize: number): Promise<Attempt[]> {
      return db.transaction(async (tx) => {
        // One dispatch at a time: two that count the same account would each find room.
        await tx.execute(sql`select pg_advisory_xact_lock(${dispatchLock})`);
        const rows = await tx
          .update(jobs)
          .set({ windowAt: sql`now()`, attempt: sql`${jobs.attempt} + 1` })
          .where(and(sql`${jobs.id} in ${nextOf(lane, windowSize)}`, eq(jobs.state, "queued"), isNull(jobs.windowAt)))
          .returning({ id: jobs.id, attempt: jobs.attempt, seq: jobs.seq });
        return rows.sort((a, b) => a.seq - b.seq).map(({ id, attempt }) => ({ id, attempt }));
      });
    },

    /** Takes a job back out of its window, so that the dispatcher picks it again. */
    async leaveWindow(attempts: Attempt[]): Promise<void> {
      for (const attempt of attempts) await db.update(jobs).set({ windowAt: null }).where(expected(attempt, "queued"));
    },

    /** What queued jobs that waited for one thing wait for now. */
    async waitFor(before: WaitingFor, now: WaitingFor): Promise<void> {
      await db
        .update(jobs)
        .set({ waitingFor: now })
        .where(and(eq(jobs.state, "queued"), eq(jobs.waitingFor, before)));
    },

    /** Whether any job waits for the scanner. */
    async scannerAwaited(): Promise<boolean> {
      const found = await db
        .select({ id: jobs.id })
        .from(jobs)
        .where(and(eq(jobs.state, "queued"), eq(jobs.waitingFor, "scanner")))
        .limit(1);
      return found.length > 0;
    },

    /** queued → running, once per attempt. */
    async claim(attempt: Attempt): Promise<JobRow | undefined> {
      const now = sql`now()`;
      const [row] = await db
        .update(jobs)
        .set({ state: "running", startedAt: now, heartbeatAt: now, waitingFor: null })
        .where(expected(attempt, "queued"))
        .returning();
      return row;
    },

    /** Ends or hands back a running attempt; false when it is no longer the one that counts. An end and its charge are one transaction. */
    async leaveRunning(attempt: Attempt, move: Move): Promise<boolean> {
      if (!jobMoves.running.includes(move.state)) throw new RangeError(`a running job cannot become ${move.state}`);
      return db.transaction(async (tx) => {
        const set = isFinal(move.state) ? { ...move, ...ending(move.state) } : move;
        const [row] = await tx.update(jobs).set(set).where(expected(attempt, "running")).returning();
        if (row && isFinal(row.state)) await settle(tx, row);
        return row !== undefined;
      });
    },

    /** Ends a job that waits or runs; undefined when it has ended. A worker that runs it learns so by its next heartbeat at the latest. */
    async cancel({ account, livemode }: Owner, id: string): Promise<JobRow | undefined> {
      return db.transaction(async (tx) => {
        const owned = and(eq(jobs.id, id), eq(jobs.account, account), eq(jobs.livemode, livemode));
        const [row] = await tx
          .update(jobs)
          .set(canceling)
          .where(and(owned, inArray(jobs.state, ["queued", "running"])))
          .returning();
        if (row) await settle(tx, row);
        return row;
      });
    },

    /** failed → queued, as if it were new but for its attempts. The caller has reserved its quota again. */
    async retry(id: string, again: Pick<JobRow, "period" | "queueExpiresAt">): Promise<JobRow | undefined> {
      const [row] = await db
        .update(jobs)
        .set({ ...fresh, ...again })
        .where(and(eq(jobs.id, id), eq(jobs.state, "failed")))
        .returning();
      return row;
    },

    /** Ends the account's jobs that wait. */
    async cancelQueued(account: string): Promise<void> {
      await db.transaction(async (tx) => {
        const rows = await tx
          .update(jobs)
          .set(canceling)
          .where(and(eq(jobs.account, account), eq(jobs.state, "queued")))
          .returning();
        for (const row of rows) await settle(tx, row);
      });
    },

    /** Records a sign of life, and progress where there is some; answers whether the attempt still counts. */
    async heartbeat(attempt: Attempt, progress: Progress | undefined): Promise<boolean> {
      const beaten = await db
        .update(jobs)
        .set({ heartbeatAt: sql`now()`, ...(progress && { progress }) })
        .where(expected(attempt, "running"))
        .returning({ id: jobs.id });
      return beaten.length === 1;
    },

    /** Running jobs whose worker gave no sign of life for so long. */
    async abandoned(silentMs: number): Promise<JobRow[]> {
      return db
        .select()
        .from(jobs)
        .where(and(eq(jobs.state, "running"), lt(jobs.heartbeatAt, sql`now() - make_interval(secs => ${silentMs / 1000})`)));
    },

    /** Queued jobs that entered a window so long ago that their entry in Redis may be lost. */
    async longInWindow(lane: Lane, sinceMs: number): Promise<Attempt[]> {
      return db
        .select({ id: jobs.id, attempt: jobs.attempt })
        .from(jobs)
        .where(
          and(eq(jobs.lane, lane), eq(jobs.state, "queued"), lt(jobs.windowAt, sql`now() - make_interval(secs => ${sinceMs / 1000})`)),
        );
    },
  };
}

/** Ids of the jobs that enter the window next: per account no more than may run, and of those the oldest. */
function nextOf(lane: Lane, windowSize: number) {
  const waiting = (job: string) =>
    sql.raw(`${job}.state = 'queued' and ${job}.window_at is null and coalesce(${job}.not_before, now()) <= now() and ${job}.lane = `);
  const inside = (job: string) => sql.raw(`(${job}.state = 'running' or (${job}.state = 'queued' and ${job}.window_at is not null))`);
  const newestTier = sql`select (t.limits->>'jobs_running_max')::int from ${tierVersions} t where t.name = a.tier order by t.version desc limit 1`;
  const runningMax = sql`coalesce((a.limit_overrides->>'jobs_running_max')::int, (${newestTier}))`;
  const busy = sql`select count(*) from ${jobs} b where b.account = a.id and ${inside("b")}`;
  return sql`(
    select n.id from ${accounts} a
    cross join lateral (
      select w.id, w.seq from ${jobs} w where w.account = a.id and ${waiting("w")} ${lane}
      order by w.seq limit greatest(0, ${runningMax} - (${busy}))
    ) n
    where a.id in (select q.account from ${jobs} q where ${waiting("q")} ${lane})
    order by n.seq
    limit greatest(0, ${windowSize}::bigint - (select count(*) from ${jobs} l where l.lane = ${lane} and ${inside("l")}))
  )`;
}
