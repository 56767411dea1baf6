import type { Principal } from "#contract/assertion.ts";
import type { Job } from "#contract/jobs.ts";
import { Problem } from "#contract/problems.ts";
import type { JobRow } from "../db/schema.ts";
import { hasEnded, jobRecord } from "./job-record.ts";
import type { JobStore } from "./store.ts";

type Needs = {
  store: Pick<JobStore, "find">;
  /** Where a queued job stands. */
  place(row: JobRow): Promise<Job["queue"]>;
  /** Resolves when the job was announced as ended, when the time is over, or when the signal fires. */
  ended: { wait(jobId: string, timeoutMs: number, signal: AbortSignal): Promise<void> };
};

/** A lost announcement costs this much of a long poll, not all of it. */
const lookAgainMs = 2_000;

/** The job; with `waitMs`, as soon as it has ended or when that time is over. */
export async function getJob(
  { store, ended, place }: Needs,
  principal: Principal,
  id: string,
  waitMs: number,
  signal: AbortSignal,
): Promise<Job> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const leftMs = deadline - Date.now();
    // Listening starts before reading, or an end between the two would be missed.
    const listening = new AbortController();
    const end = leftMs > 0 ? ended.wait(id, Math.min(leftMs, lookAgainMs), AbortSignal.any([signal, listening.signal])) : undefined;
    try {
      const row = await store.find(principal, id);
      if (!row) throw new Problem("job-not-found");
      if (hasEnded(row) || end === undefined || signal.aborted) return jobRecord(row, await place(row));
      await end;
    } finally {
      listening.abort();
    }
  }
}
