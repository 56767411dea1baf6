import type { Principal } from "#contract/assertion.ts";
import type { ResultLocation } from "#contract/jobs.ts";
import { Problem } from "#contract/problems.ts";
import { filesAreGone } from "./files-expiry.ts";
import { hasEnded } from "./job-record.ts";
import type { JobStore } from "./store.ts";

/** Where result `n` (from 0) of a job lies. A failed job answers with its own problem's words. */
export async function locateResult(
  { store }: { store: Pick<JobStore, "find"> },
  principal: Principal,
  id: string,
  n: number,
): Promise<ResultLocation> {
  const row = await store.find(principal, id);
  if (!row) throw new Problem("job-not-found");
  if (!hasEnded(row)) throw new Problem("job-unfinished", `The job is ${row.state}.`);
  const result = row.results[n];
  if (result && filesAreGone(row, new Date())) throw new Problem("result-expired");
  if (result) return { key: result.key };
  throw new Problem(
    "result-not-found",
    row.problem ? `The job failed: ${row.problem.title}.` : `The job has ${row.results.length} results, counted from 0.`,
  );
}
