// The SQL of jobs. Every move names the state, and for a worker the attempt, that it expects, and says whether it happened.
import { and, eq, inArray, lt, lte, type SQL, sql } from "drizzle-orm";
import type { JobState, Progress } from "#contract/jobs.ts";
import { isFinal, jobMoves } from "#contract/jobs.ts";
import type { Lane } from "#contract/operation.ts";
import type { ProblemBody } from "#contract/problems.ts";
import type { Database } from "../db/database.ts";
import { inState, type JobRow, jobs } from "../db/schema.ts";
import { turnDelayMs } from "../queue/fair/cost.ts";
import { enterWindow } from "../queue/fair/enter-window.ts";
import { correcting } from "../queue/fair/shares.ts";
import { settling } from "../usage/settle.ts";
import { filesExpireAt } from "./files-expiry.ts";

/** One run of a job: late writes of another attempt are refused. */
export type Attempt = { id: string; attempt: number };

type WaitingFor = NonNullable<JobRow["waitingFor"]>;
type NewJob = Pick<
  JobRow,
  "id" | "account" | "subject" | "key" | "livemode" | "period" | "tier" | "lane" | "runDeadlineMs" | "inputs" | "steps" | "secrets"
> & {
  /** What it is expected to keep a slot busy for. */
  costMs?: number;
  /** How long it may wait for a slot; without it, for ever. */
  queueSeconds?: number;
};
/** Whose jobs: those of test keys are a world of their own. */
export type Owner = Pick<JobRow, "account" | "livemode">;
type Move = Partial<Omit<JobRow, "id" | "seq" | "state" | "secrets">> & { state: JobState };

export type JobStore = ReturnType<typeof jobStore>;

const inSeconds = (seconds: number) => sql`now() + make_interval(secs => ${seconds})`;
/** So many are ended at once, so that no transaction becomes long. */
const expiredAtOnce = 200;

/** What every end writes beside its state. */
const ending = (state: JobState) => ({
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

const expiring = (problem: ProblemBody) => ({
  state: "failed" as const,
  finishedAt: sql`now()`,
  problem,
  progress: sql`jsonb_set(${jobs.progress}, '{stage}', '"done"')`,
  ...ending("failed"),
});

/** What corrects an account's share needs of a row, and what settles its quota. */
const shared = { id: jobs.id, account: jobs.account, lane: jobs.lane, costMs: jobs.costMs, startedAt: jobs.startedAt };
const metered = { inputs: jobs.inputs, pages: jobs.pages, ocrPages: jobs.ocrPages };
const charged = { ...shared, ...metered, state: jobs.state, key: jobs.key, period: jobs.period, steps: jobs.steps };

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

  /** Ends jobs where they are: waiting, in a window, or in a run that began after the job entered it. Their quota and shares are settled in the same statement. */
  async function endWhere(set: ReturnType<typeof expiring> | typeof canceling, which: SQL | undefined): Promise<JobRow[]> {
    const ended = db.$with("ended").as(db.update(jobs).set(set).where(which).returning());
    const paid = correcting(db, { inLane: sql`e.window_at is not null`, ran: sql`coalesce(e.started_at >= e.window_at, false)` });
    return db
      .with(ended, ...settling(db), paid)
      .select()
      .from(ended);
  }

  return {
    /** Undefined when the id exists already. */
    async insert({ costMs = 1_000, queueSeconds, ...job }: NewJob): Promise<JobRow | undefined> {
      const progress: Progress = { stage: "waiting", fraction: 0 };
      const [row] = await db
        .insert(jobs)
        .values({
          ...job,
          progress,
          waitingFor: "slot",
          costMs,
          turnAt: inSeconds(turnDelayMs(costMs) / 1_000),
          ...(queueSeconds !== undefined && { queueExpiresAt: inSeconds(queueSeconds) }),
        })
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

    /** Moves the jobs that are next in a lane into its window, up to `windowSize`, and gives them their attempt. */
    enterWindow: (lane: Lane, windowSize: number): Promise<Attempt[]> => enterWindow(db, lane, windowSize),

    /** Takes a job back out of its window, so that the dispatcher picks it again. */
    async leaveWindow(attempts: Attempt[]): Promise<void> {
      for (const attempt of attempts) {
        const ended = db.$with("ended").as(db.update(jobs).set({ windowAt: null }).where(expected(attempt, "queued")).returning(shared));
        const refunded = correcting(db, { inLane: sql`true`, ran: sql`false` });
        await db.with(ended, refunded).select({ id: ended.id }).from(ended);
      }
    },

    /** What queued jobs, of one lane or of all, that waited for one thing wait for now. */
    async waitFor(before: WaitingFor, now: WaitingFor, lane?: Lane): Promise<void> {
      const ofLane = lane && eq(jobs.lane, lane);
      await db
        .update(jobs)
        .set({ waitingFor: now })
        .where(and(ofLane, inState("queued"), eq(jobs.waitingFor, before)));
    },

    /** Whether any job waits for the scanner. */
    async scannerAwaited(): Promise<boolean> {
      const found = await db
        .select({ id: jobs.id })
        .from(jobs)
        .where(and(inState("queued"), eq(jobs.waitingFor, "scanner")))
        .limit(1);
      return found.length > 0;
    },

    /** queued → running, once per attempt, and not when its time in the queue is over. */
    async claim(attempt: Attempt): Promise<JobRow | undefined> {
      const now = sql`now()`;
      const [row] = await db
        .update(jobs)
        .set({ state: "running", startedAt: now, heartbeatAt: now, waitingFor: null })
        .where(and(expected(attempt, "queued"), sql`coalesce(${jobs.queueExpiresAt} > now(), true)`))
        .returning();
      return row;
    },

    /** Ends or hands back a running attempt; false when it is no longer the one that counts. An end and its charge are one statement. */
    async leaveRunning(attempt: Attempt, move: Move): Promise<boolean> {
      if (!jobMoves.running.includes(move.state)) throw new RangeError(`a running job cannot become ${move.state}`);
      // The time of a run is none of the queue's.
      const queueExpiresAt = sql`${jobs.queueExpiresAt} + (now() - ${jobs.startedAt})`;
      const set = isFinal(move.state) ? { ...move, ...ending(move.state) } : { ...move, queueExpiresAt };
      const ended = db.$with("ended").as(db.update(jobs).set(set).where(expected(attempt, "running")).returning(charged));
      const paid = correcting(db, { inLane: sql`e.started_at is not null`, ran: sql`true` });
      const left = await db
        .with(ended, ...(isFinal(move.state) ? settling(db) : []), paid)
        .select({ id: ended.id })
        .from(ended);
      return left.length === 1;
    },

    /** Ends a job that waits or runs; undefined when it has ended. A worker that runs it learns so by its next heartbeat at the latest. */
    async cancel({ account, livemode }: Owner, id: string): Promise<JobRow | undefined> {
      const owned = and(eq(jobs.id, id), eq(jobs.account, account), eq(jobs.livemode, livemode));
      const [row] = await endWhere(canceling, and(owned, inState("queued", "running")));
      return row;
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

    /** Ends the account's jobs that wait; answers which. */
    async cancelQueued(account: string): Promise<string[]> {
      const rows = await endWhere(canceling, and(eq(jobs.account, account), inState("queued")));
      return rows.map(({ id }) => id);
    },

    /** Ends jobs that have waited longer than they may, of one account, with the problem given; answers which. */
    async expireQueued(problem: ProblemBody): Promise<string[]> {
      const late = and(inState("queued"), lte(jobs.queueExpiresAt, sql`now()`));
      const latest = db.select({ account: jobs.account }).from(jobs).where(late).orderBy(jobs.queueExpiresAt).limit(1);
      const due = db
        .select({ id: jobs.id })
        .from(jobs)
        .where(and(late, eq(jobs.account, latest)))
        .limit(expiredAtOnce)
        .for("update", { skipLocked: true });
      const rows = await endWhere(expiring(problem), and(inArray(jobs.id, due), inState("queued")));
      return rows.map(({ id }) => id);
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
        .where(and(inState("running"), lt(jobs.heartbeatAt, sql`now() - make_interval(secs => ${silentMs / 1000})`)));
    },

    /** Queued jobs that entered a window so long ago that their entry in Redis may be lost. */
    async longInWindow(lane: Lane, sinceMs: number): Promise<Attempt[]> {
      return db
        .select({ id: jobs.id, attempt: jobs.attempt })
        .from(jobs)
        .where(and(eq(jobs.lane, lane), inState("queued"), lt(jobs.windowAt, sql`now() - make_interval(secs => ${sinceMs / 1000})`)));
    },
  };
}
