// The life of a run, as a list. Each step adds to the run; the first that fails ends it.
import type { Logger } from "pino";
import { isTransient, Problem, problemBody, toProblem } from "#contract/problems.ts";
import { engineCrashesMax, givenUp, handBack } from "../jobs/hand-back.ts";
import { unsealSecrets } from "../jobs/secret-options.ts";
import type { Attempt, JobStore } from "../jobs/store.ts";
import type { SealingKey } from "../seal.ts";
import type { ActiveRuns, EndedBy } from "./active-runs.ts";
import { type JobEvent, jobEvent, type Outcome } from "./job-event.ts";
import { quarantineInput } from "./quarantine-input.ts";
import { clock, type PipelineStep, type Run, type Tools } from "./run.ts";
import { chargeFound, chargeKnown } from "./steps/charge.ts";
import { convert } from "./steps/convert.ts";
import { fetchAndScan } from "./steps/fetch-and-scan.ts";
import { lease } from "./steps/lease.ts";
import { refuseQuarantined } from "./steps/refuse-quarantined.ts";
import { storeResults } from "./steps/store-results.ts";
import { unlock } from "./steps/unlock.ts";

const pipeline: PipelineStep[] = [
  refuseQuarantined,
  lease,
  fetchAndScan,
  refuseQuarantined,
  unlock,
  chargeKnown,
  convert,
  chargeFound,
  storeResults,
];

export type ProcessNeeds = {
  store: JobStore;
  tools: Tools;
  active: ActiveRuns;
  optionsKey: SealingKey;
  announceEnd(jobId: string): void;
  log: Logger;
  /** Told of every run, once. */
  ran(event: JobEvent): void;
  /** The account's service class now. */
  serviceClass(account: string): Promise<string | undefined>;
};

/** Runs one attempt of a job to its end, or gives it back. An attempt that no longer counts changes nothing. */
export async function processJob(needs: ProcessNeeds, attempt: Attempt): Promise<void> {
  const { store, tools, active, optionsKey } = needs;
  const row = await store.claim(attempt);
  const [input] = row?.inputs ?? [];
  if (!row || !input) return;

  const startedAt = performance.now();
  const log = needs.log.child({ job: row.id, attempt: row.attempt, account: row.account });
  const run: Run = {
    row,
    input,
    steps: row.steps,
    signal: AbortSignal.timeout(row.runDeadlineMs),
    deadlineAt: Date.now() + row.runDeadlineMs,
    log,
    progress: { stage: "fetching", fraction: 0 },
    warnings: [],
    timings: { queued_ms: Math.max(0, (row.startedAt ?? row.createdAt).getTime() - row.createdAt.getTime()) },
    results: [],
  };
  const leave = active.enter(run);
  let failure: Problem | undefined;
  let endedBy: EndedBy | undefined;
  try {
    run.steps = unsealSecrets(optionsKey, row.id, row);
    for (const step of pipeline) await step(run, tools);
  } catch (thrown) {
    endedBy = active.endedBy(run);
    failure =
      endedBy === "deadline"
        ? new Problem("deadline-exceeded", `The tier ${row.tier} allows ${row.runDeadlineMs / 1000} s.`)
        : toProblem(thrown);
    if (failure.code === "engine-crashed" && row.engineCrashes + 1 >= engineCrashesMax)
      await quarantineInput(run, tools).catch((err: unknown) => log.error({ err }, "a file that ends boxes was not quarantined"));
  } finally {
    leave();
  }
  clock(run, "total_ms", startedAt);

  // The box is wiped while the end is written, and also when that fails; one that is away has nothing to wipe. The slot is free after both.
  const wiped = run.task?.end().catch(() => {});
  const counted = await (failure ? fail(needs, run, failure, endedBy) : succeed(needs, run)).finally(() => wiped);
  if (!counted || failure)
    await Promise.all(run.results.map(({ key }) => tools.objects.remove({ bucket: "results", key }).catch(() => {})));

  const outcome = counted ? outcomeOf(run, failure, endedBy) : "superseded";
  const event = jobEvent({ run, outcome, failure, endedBy, serviceClass: await needs.serviceClass(row.account).catch(() => undefined) });
  needs.ran(event);
  needs.log[failure ? "warn" : "info"]({ ...event, ...(failure?.cause !== undefined && { err: failure.cause }) }, "job run");
}

function outcomeOf({ row }: Run, failure: Problem | undefined, endedBy: EndedBy | undefined): Outcome {
  if (!failure) return "succeeded";
  const reason = endedBy === "shutdown" ? endedBy : failure.code;
  return (reason === "shutdown" || isTransient(reason)) && !givenUp(row, reason) ? "handed-back" : "failed";
}

async function succeed({ store, announceEnd }: ProcessNeeds, run: Run): Promise<boolean> {
  const counted = await store.leaveRunning(run.row, {
    state: "succeeded",
    finishedAt: new Date(),
    ...learned(run),
    results: run.results,
    progress: { stage: "done", fraction: 1 },
  });
  if (counted) announceEnd(run.row.id);
  return counted;
}

async function fail({ store, announceEnd }: ProcessNeeds, run: Run, failure: Problem, endedBy: EndedBy | undefined): Promise<boolean> {
  if (endedBy === "outdated") return false;
  if (endedBy === "shutdown") return handBack({ store, announceEnd }, run.row, { reason: "shutdown" });
  const found = { inputs: [run.input] };
  if (isTransient(failure.code)) return handBack({ store, announceEnd }, run.row, { reason: failure.code, cause: failure, found });
  const counted = await store.leaveRunning(run.row, {
    state: "failed",
    finishedAt: new Date(),
    ...learned(run),
    problem: problemBody(failure),
    progress: { ...run.progress, stage: "done" },
  });
  if (counted) announceEnd(run.row.id);
  return counted;
}

const learned = ({ input, warnings, timings, scan, engine }: Run) => ({
  inputs: [input],
  warnings,
  timings,
  ...(scan && { scan }),
  ...(engine && { engine }),
});
