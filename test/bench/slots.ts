import type { Job } from "#contract/jobs.ts";
import type { PathRound } from "./rounds.ts";
import { concurrency, sum } from "./statistics.ts";

export type SlotUse = {
  /** Time in which slots convert, of the wall time of all slots. */
  converting: number;
  /** Time in which slots belong to a job, of the wall time of all slots. */
  taken: number;
  /** Share of the wall time in which so many slots convert at once; index 0 is none. */
  atOnce: number[];
  /** Share of the wall time in which at least one slot for each core converts. */
  coresFed: number;
};

/** From the jobs' own records: a conversion ends `stored_ms` before the run does, and took `converted_ms`. */
export function slotUse({ jobs, wallMs }: Pick<PathRound, "jobs" | "wallMs">, slots: number, cores: number): SlotUse {
  const runs = jobs.map(runOf);
  const to = Math.max(...runs.map(({ end }) => end));
  const window = { from: to - wallMs, to };
  const spans = concurrency(
    runs.map(({ convertFrom, convertTo }) => ({ from: convertFrom, to: convertTo })),
    window,
  );
  const atOnce = Array.from({ length: slots + 1 }, (_, count) => (spans[count] ?? 0) / wallMs);
  return {
    converting: sum(jobs.map(({ timings }) => timings.converted_ms ?? 0)) / (wallMs * slots),
    taken: sum(runs.map(({ start, end }) => end - start)) / (wallMs * slots),
    atOnce,
    coresFed: sum(atOnce.slice(Math.min(cores, slots))),
  };
}

function runOf({ started_at, finished_at, timings }: Job) {
  const start = Date.parse(started_at ?? "");
  const end = Date.parse(finished_at ?? "");
  const convertTo = start + (timings.total_ms ?? 0) - (timings.stored_ms ?? 0);
  return { start, end, convertFrom: convertTo - (timings.converted_ms ?? 0), convertTo };
}
