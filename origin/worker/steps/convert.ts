import type { Trait } from "#contract/jobs.ts";
import { operationOf } from "#contract/operations.ts";
import { Problem } from "#contract/problems.ts";
import { clock, type PipelineStep, type Run } from "../run.ts";
import { taskOf } from "./task-of.ts";

const warningsMax = 100;

/** Runs the steps in the box, without their secret options: the input is plaintext by now. Refuses to without a clean verdict, whatever came before. */
export const convert: PipelineStep = async (run) => {
  if (run.scan?.verdict !== "clean") throw new Problem("scanner-unavailable", undefined, { cause: new Error("no clean verdict") });
  const startedAt = performance.now();
  run.progress = { stage: "converting", fraction: 0.1 };
  const deadlineMs = run.deadlineAt - Date.now();
  if (deadlineMs <= 0) throw new Problem("deadline-exceeded");
  const { filename, content_type } = run.input;
  const done = await taskOf(run).run(
    { filename, content_type, steps: run.row.steps, deadline_ms: Math.ceil(deadlineMs) },
    run.row.steps.flatMap(({ operation }) => operationOf(operation).produces),
    (event) => {
      if (event.event === "warning") run.warnings = [...run.warnings, event.warning].slice(0, warningsMax);
      else if (event.event === "problem") noteInput(run, event);
      else run.progress = { stage: "converting", fraction: 0.1 + 0.8 * event.fraction };
    },
    run.signal,
  );
  run.done = done;
  run.engine = done.engine;
  noteInput(run, done);
  clock(run, "converted_ms", startedAt);
};

/** What the box found in the input, also in one that it refused. */
function noteInput(run: Run, { content_type, traits = [] }: { content_type?: string | undefined; traits?: Trait[] | undefined }): void {
  const known = new Set([...(run.input.traits ?? []), ...traits]);
  run.input = { ...run.input, ...(content_type !== undefined && { found_type: content_type }), traits: [...known].sort() };
}
