// How fast a lane works its backlog off, from when it had one: the older an observation, the less it counts.
export type Drain = { observedMs: number; drainedJobs: number; drainedCostMs: number };

/** After so long an observation counts for 1/e. */
const memoryMs = 300_000;
/** Fewer starts say nothing. */
const jobsMin = 3;

/** A choice after `sinceMs`; `saturated` says whether jobs had been left by the one before, so that the lane was never short of work. */
export function observe(
  { observedMs, drainedJobs, drainedCostMs }: Drain,
  { saturated, sinceMs, jobs, costMs }: { saturated: boolean; sinceMs: number; jobs: number; costMs: number },
): Drain {
  if (!saturated) return { observedMs, drainedJobs, drainedCostMs };
  const kept = Math.exp(-Math.max(0, sinceMs) / memoryMs);
  return {
    observedMs: observedMs * kept + Math.max(0, sinceMs),
    drainedJobs: drainedJobs * kept + jobs,
    drainedCostMs: drainedCostMs * kept + costMs,
  };
}

/** Milliseconds of estimated cost that leave the backlog in a millisecond; undefined without evidence. */
export function drainRate({ observedMs, drainedJobs, drainedCostMs }: Drain): number | undefined {
  return drainedJobs >= jobsMin && observedMs > 0 ? drainedCostMs / observedMs : undefined;
}
