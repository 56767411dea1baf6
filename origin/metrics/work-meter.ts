// What is counted where work is done: runs from their wide event, ends and retries from the moves of jobs.
import { Counter, Histogram, type Registry } from "prom-client";
import type { ProblemCode } from "#contract/problems.ts";
import type { JobEvent } from "../worker/job-event.ts";

export type WorkMeter = ReturnType<typeof workMeter>;

const seconds = (ms: number): number => ms / 1000;
const waitBuckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200];
const runBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600, 1_800];

/** What the verdict of the scanner was, by the problem that it became. */
const scanProblems: Partial<Record<ProblemCode, string>> = {
  "input-infected": "infected",
  "scan-incomplete": "incomplete",
  "scanner-unavailable": "unavailable",
};

export function workMeter(registry: Registry) {
  const registers = [registry];
  const wait = new Histogram({
    name: "trusty_job_wait_seconds",
    help: "From a job's creation to the start of its first run.",
    labelNames: ["lane", "class"] as const,
    buckets: waitBuckets,
    registers,
  });
  const run = new Histogram({
    name: "trusty_job_run_seconds",
    help: "Length of runs, by how they ended.",
    labelNames: ["lane", "outcome"] as const,
    buckets: runBuckets,
    registers,
  });
  const step = new Histogram({
    name: "trusty_job_step_seconds",
    help: "Length of a run's parts; fetching and scanning overlap.",
    labelNames: ["lane", "step"] as const,
    buckets: runBuckets,
    registers,
  });
  const scans = new Counter({ name: "trusty_scans_total", help: "Verdicts of the scanner.", labelNames: ["verdict"] as const, registers });
  const deadlines = new Counter({
    name: "trusty_deadline_kills_total",
    help: "Runs that were ended at their deadline.",
    labelNames: ["lane"] as const,
    registers,
  });
  const ended = new Counter({
    name: "trusty_jobs_ended_total",
    help: "Jobs that ended, by state and problem, each counted once: by the run, the sweep or the request that ended it.",
    labelNames: ["state", "problem"] as const,
    registers,
  });
  const retries = new Counter({
    name: "trusty_retries_total",
    help: "Running jobs that went back to the backlog: a failure that may pass, a lost worker, a shutdown, something that is away.",
    registers,
  });
  const sweeps = new Counter({ name: "trusty_sweeps_total", help: "Sweeps that this process made.", registers });
  const abandoned = new Counter({
    name: "trusty_sweep_abandoned_total",
    help: "Running jobs that the sweep found without a sign of life.",
    registers,
  });
  for (const verdict of ["clean", ...Object.values(scanProblems)]) scans.inc({ verdict }, 0);

  return {
    ran(event: JobEvent): void {
      const { lane } = event;
      if (event.failures === 0) wait.observe({ lane, class: event.class ?? "unknown" }, seconds(event.wait_ms));
      run.observe({ lane, outcome: event.outcome }, seconds(event.run_ms));
      for (const [name, ms] of Object.entries(event.steps_ms)) step.observe({ lane, step: name }, seconds(ms));
      const verdict = event.scan ?? (event.problem && scanProblems[event.problem]);
      if (verdict) scans.inc({ verdict });
      if (event.ended_by === "deadline") deadlines.inc({ lane });
    },
    ended: (state: string, problem?: string): void => ended.inc({ state, problem: problem ?? "" }),
    retried: (): void => retries.inc(),
    swept(found: number): void {
      sweeps.inc();
      abandoned.inc(found);
    },
  };
}
