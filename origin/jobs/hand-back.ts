import { Problem, problemBody, type TransientCode } from "#contract/problems.ts";
import type { JobRow } from "../db/schema.ts";
import type { JobStore } from "./store.ts";

/** So many failed runs end a job for good. */
export const failuresMax = 4;
/** A document that ended so many boxes is not given to another. */
export const engineCrashesMax = 2;

type Needs = { store: Pick<JobStore, "leaveRunning">; announceEnd(jobId: string): void };
export type HandBackReason = "worker-lost" | "shutdown" | TransientCode;

/** Not the job's failure, however long it lasts: something that it needs is away. */
const waits = new Set<HandBackReason>(["scanner-unavailable", "engine-unavailable", "box-busy", "shutdown"]);

/** What a job says that it waits for. */
const away: Partial<Record<HandBackReason, "scanner" | "engine">> = { "scanner-unavailable": "scanner", "engine-unavailable": "engine" };

/** Milliseconds before the next try: at once after a lost worker, else growing with the failures, with the caller's jitter (0–1). */
export function retryDelayMs(reason: HandBackReason, failures: number, jitter: number): number {
  if (reason === "worker-lost" || reason === "shutdown") return 0;
  if (waits.has(reason)) return 1_000 + 1_000 * jitter;
  // An object store that is away stays so for longer than a box: the tries are spread over more than twenty seconds.
  const growing = reason === "storage-unavailable" ? 750 * 4 ** failures : 250 * 2 ** failures;
  return Math.min(30_000, growing) * (0.5 + jitter / 2);
}

type Counts = Pick<JobRow, "failures" | "engineCrashes">;
const countsAfter = (row: Counts, reason: HandBackReason): Counts => ({
  failures: row.failures + (waits.has(reason) ? 0 : 1),
  engineCrashes: row.engineCrashes + (reason === "engine-crashed" ? 1 : 0),
});

/** Whether a job that is handed back for this reason is tried no more. */
export function givenUp(row: Counts, reason: HandBackReason): boolean {
  const { failures, engineCrashes } = countsAfter(row, reason);
  return engineCrashes >= engineCrashesMax || failures >= failuresMax;
}

/** Gives a running job back to the backlog, or fails it when that happened too often. `found`: what the run learned of its input. False when the attempt no longer counts. */
export async function handBack(
  { store, announceEnd }: Needs,
  row: JobRow,
  { reason, cause, found }: { reason: HandBackReason; cause?: Problem; found?: Pick<JobRow, "inputs"> },
): Promise<boolean> {
  const { failures, engineCrashes } = countsAfter(row, reason);
  const failure =
    engineCrashes >= engineCrashesMax
      ? new Problem("engine-crashed", `The engine ended ${engineCrashes} times on this file.`)
      : failures >= failuresMax
        ? (cause ?? new Problem("attempts-exhausted"))
        : undefined;

  if (failure) {
    const failed = await store.leaveRunning(row, {
      ...found,
      state: "failed",
      finishedAt: new Date(),
      problem: problemBody(failure),
      progress: { ...row.progress, stage: "done" },
      failures,
      engineCrashes,
    });
    if (failed) announceEnd(row.id);
    return failed;
  }
  const delayMs = retryDelayMs(reason, failures, Math.random());
  return store.leaveRunning(row, {
    ...found,
    state: "queued",
    windowAt: null,
    heartbeatAt: null,
    notBefore: delayMs === 0 ? null : new Date(Date.now() + delayMs),
    waitingFor: away[reason] ?? "slot",
    progress: { stage: "waiting", fraction: 0 },
    failures,
    engineCrashes,
  });
}
