import { operationOf } from "#contract/operations.ts";
import { Problem } from "#contract/problems.ts";
import type { PipelineStep } from "../run.ts";

/** Takes a free box in the lane of the job's costliest step. */
export const lease: PipelineStep = async (run, { boxes }) => {
  const [step] = run.steps;
  if (!step) throw new Problem("internal", undefined, { cause: new Error("a job without a step") });
  const leased = await boxes.lease(operationOf(step.operation).lane, run.signal);
  run.task = leased;
  run.box = leased.box;
};
