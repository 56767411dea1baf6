import { Problem } from "#contract/problems.ts";
import type { Task } from "../box-task.ts";
import type { Run } from "../run.ts";

export function taskOf(run: Run): Task {
  if (!run.task) throw new Problem("internal", undefined, { cause: new Error("no box was leased") });
  return run.task;
}
