// Whether a lane takes one more job: not beyond what may wait in it, nor when the job itself would wait too long.
import { Problem } from "#contract/problems.ts";
import { forecast, type LaneLoad, type Own } from "./forecast.ts";

export type LaneLimits = { jobsMax: number; waitMaxMs: number };

/** The rest of a lane's depth is kept for premium. */
const standardShare = 0.8;
const retryAfterMaxSeconds = 3_600;
/** When nothing is known of the lane's pace. */
const retryAfterUnknownSeconds = 60;

/** Throws `lane-full`, with the time after which the lane has drained so far. Only who would wait is refused: a flood does not close the lane for others. */
export function admit(load: LaneLoad, own: Own, { jobsMax, waitMaxMs }: LaneLimits): void {
  const jobs = load.waiting.reduce((sum, each) => sum + each.jobs, 0);
  const depthMax = own.serviceClass === "premium" ? jobsMax : Math.floor(jobsMax * standardShare);
  if (jobs >= depthMax) {
    const meanCostMs = load.waiting.reduce((sum, each) => sum + each.costMs, 0) / Math.max(1, jobs);
    throw full(`${jobs} jobs wait; at most ${depthMax} of this class may.`, load.rate && ((jobs - depthMax + 1) * meanCostMs) / load.rate);
  }
  const { startsInMs = 0 } = forecast(load, own);
  if (startsInMs > waitMaxMs) throw full(`The job would wait for about ${Math.ceil(startsInMs / 60_000)} minutes.`, startsInMs - waitMaxMs);
}

function full(detail: string, drainsInMs: number | undefined): Problem {
  const seconds = drainsInMs === undefined ? retryAfterUnknownSeconds : Math.ceil(drainsInMs / 1_000);
  return new Problem("lane-full", detail, { policy: "lane", retryAfterSeconds: Math.min(retryAfterMaxSeconds, Math.max(1, seconds)) });
}
