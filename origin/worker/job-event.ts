// The one line that a run of a job leaves in the log, and what its metrics are made from.
import type { Problem } from "#contract/problems.ts";
import type { EndedBy } from "./active-runs.ts";
import type { Run } from "./run.ts";

export type Outcome = "succeeded" | "failed" | "handed-back" | "superseded";

export type JobEvent = ReturnType<typeof jobEvent>;

type Found = { run: Run; outcome: Outcome; failure: Problem | undefined; endedBy: EndedBy | undefined; serviceClass: string | undefined };

/** Without file names, keys of objects, options and passwords: ids, kinds and measures only. */
export function jobEvent({ run, outcome, failure, endedBy, serviceClass }: Found) {
  const { row, input, timings, scan, engine, done, results, warnings } = run;
  return {
    job: row.id,
    attempt: row.attempt,
    account: row.account,
    livemode: row.livemode,
    tier: row.tier,
    class: serviceClass,
    lane: row.lane,
    operation: run.steps.map(({ operation }) => operation).join(","),
    outcome,
    ...(failure && { problem: failure.code }),
    ...(endedBy && { ended_by: endedBy }),
    failures: row.failures,
    engine_crashes: row.engineCrashes,
    box: run.box,
    ...(engine && { sandbox: engine.sandbox }),
    wait_ms: timings.queued_ms ?? 0,
    run_ms: timings.total_ms ?? 0,
    steps_ms: stepsOf(run),
    cost_ms: row.costMs,
    ...(scan && { scan: scan.verdict, signatures: scan.signatures }),
    content_type: done?.content_type ?? input.found_type,
    bytes_in: input.size,
    bytes_out: results.reduce((sum, { size }) => sum + size, 0),
    results: results.length,
    pages: results.reduce((sum, { pages }) => sum + (pages ?? 0), 0),
    warnings: warnings.map(({ code }) => code),
  };
}

/** Fetching and scanning are one stream: the scan is told from its start to the verdict. */
function stepsOf({ timings }: Run): Partial<Record<"fetch" | "scan" | "convert" | "store", number>> {
  const { fetched_ms, scanned_ms, converted_ms, stored_ms } = timings;
  return {
    ...(fetched_ms !== undefined && { fetch: fetched_ms }),
    ...(scanned_ms !== undefined && { scan: scanned_ms }),
    ...(converted_ms !== undefined && { convert: converted_ms }),
    ...(stored_ms !== undefined && { store: stored_ms }),
  };
}
