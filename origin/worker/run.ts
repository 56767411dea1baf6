// One run of one job: what its steps share, and what it has found out so far.
import type { Logger } from "pino";
import type { EngineFacts, Progress, ScanVerdict, Timings, Warning } from "#contract/jobs.ts";
import type { JobRow, StoredInput, StoredResult, StoredStep } from "../db/schema.ts";
import type { Attempt } from "../jobs/store.ts";
import type { Quarantine } from "../quarantine/quarantine.ts";
import type { Scanner } from "../scanner/clamd.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import type { BoxPool } from "./box-pool.ts";
import type { Done, Task } from "./box-task.ts";

export type Tools = {
  objects: ObjectStore;
  scanner: Scanner;
  boxes: BoxPool;
  quarantine: Quarantine;
  /** Reserves the pages that the attempt found; false when it no longer counts. */
  chargePages(attempt: Attempt, found: { pages: number; ocrPages: number }): Promise<boolean>;
};

export type Run = {
  row: JobRow;
  input: StoredInput;
  /** With their secret options. */
  steps: StoredStep[];
  /** Fires at the deadline, at shutdown, and when the attempt no longer counts. */
  signal: AbortSignal;
  /** When the run must have ended, as `Date.now()` counts. */
  deadlineAt: number;
  log: Logger;

  progress: Progress;
  warnings: Warning[];
  timings: Timings;
  task?: Task;
  /** Address of the box that has the task. */
  box?: string;
  scan?: ScanVerdict;
  /** What the box told of the input before any step; `pages` where the format says them. */
  inspected?: { pages?: number };
  engine?: EngineFacts;
  done?: Done;
  results: StoredResult[];
};

export type PipelineStep = (run: Run, tools: Tools) => Promise<void>;

/** Adds the milliseconds since `startedAt` to a part of the timings. */
export function clock(run: Run, part: keyof Timings, startedAt: number): void {
  run.timings[part] = Math.round((run.timings[part] ?? 0) + performance.now() - startedAt);
}
