import type { DrillOptions } from "./drill.ts";

type Pace = Pick<DrillOptions, "jobs" | "everyMs" | "patience" | "endWithinMs">;

/** The full drill measures what the house promises. The short one runs beside other work, where only an end that never comes is a fault. */
export const pace: Record<"full" | "short", Pace> = {
  full: { jobs: 1_000, everyMs: 800, patience: 1, endWithinMs: 120_000 },
  short: { jobs: 1, everyMs: 1_200, patience: 6, endWithinMs: 300_000 },
};
