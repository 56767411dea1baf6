// One run of a task: inspect the input, run the operation, audit the results. Throws problems only.
import { statSync } from "node:fs";
import { z } from "zod";
import type { BoxEvent, BoxRun } from "#contract/box.ts";
import { type EngineFacts, Step } from "#contract/jobs.ts";
import { oneOf } from "#contract/media.ts";
import type { Lane, Operation, OperationContext } from "#contract/operation.ts";
import { operations } from "#contract/operations/index.gen.ts";
import { parseRequest } from "#contract/parse.ts";
import { Problem } from "#contract/problems.ts";
import { audit } from "./audit.ts";
import { openContext, type PlannedResult } from "./context.ts";
import { fontWarnings } from "./fonts/font-warnings.ts";
import type { InstalledFonts } from "./fonts/installed-fonts.ts";
import { inspect } from "./inspect/inspect.ts";
import type { InspectLimits } from "./inspect/limits.ts";
import type { Traits } from "./inspect/traits.ts";
import type { OfficeDriver } from "./office/driver.ts";
import { stemOf } from "./stem.ts";
import { openToolbox } from "./toolbox.ts";
import type { Workspace } from "./workspace.ts";

export type Engine = {
  lanes: readonly Lane[];
  cpus: number;
  resultBytesMax: number;
  inspectLimits: InspectLimits;
  /** Runs the house's Python scripts; undefined when there is none. */
  python: string | undefined;
  office: OfficeDriver | undefined;
  fonts: InstalledFonts;
  facts(): EngineFacts;
};

type Done = Extract<BoxEvent, { event: "done" }>;
export type RunEnd = { done: Done; results: PlannedResult[] };

/** `found` hears the real type as soon as it is known, and `traits` is filled on the way, so that a problem can name them too. */
export async function run(
  engine: Engine,
  workspace: Workspace,
  request: BoxRun,
  signal: AbortSignal,
  tell: { emit(event: BoxEvent): void; found(type: string): void; traits: Traits },
): Promise<RunEnd> {
  const clock = stopwatch();
  const { operation, options } = plan(engine, request);
  const received = workspace.inputPath();
  if (!received) throw new Problem("request-invalid", "The input has not been sent.");
  const name = { filename: request.filename, contentType: request.content_type };
  const { inspectLimits: limits } = engine;
  const { traits } = tell;
  const { type, differs, encrypted, text } = await inspect(received, {
    name,
    accepts: operation.accepts,
    limits,
    known: workspace.content,
    traits,
  });
  tell.found(type.mime);
  if (encrypted) throw new Problem("input-encrypted");
  if (differs)
    tell.emit({ event: "warning", warning: { code: "type-differs", detail: `The content is ${oneOf(type)}, and was read as one.` } });
  const path = workspace.inputAs(type.extensions[0] ?? "bin");
  const input: OperationContext["input"] = { path, type: type.mime, sizeBytes: statSync(path).size, ...(text && { text }) };
  const inspected_ms = clock();

  const toolbox = openToolbox({
    cwd: workspace.path,
    signal,
    deadlineAt: Date.now() + request.deadline_ms,
    fileBytesMax: engine.resultBytesMax,
  });
  try {
    const { cpus, office } = engine;
    const ctx = openContext({
      folder: workspace.path,
      input,
      stem: stemOf(request.filename),
      cpus,
      toolbox,
      office,
      signal,
      emit: tell.emit,
    });
    await operation.run(ctx, options);
    signal.throwIfAborted();
    const converted_ms = clock();

    const results = await audit(ctx.results, { toolbox, pagesOf: ctx.pagesOf, resultBytesMax: engine.resultBytesMax });
    const { fonts: installed } = engine;
    for (const warning of await fontWarnings({ type, input: path, results: ctx.results, installed, signal }))
      tell.emit({ event: "warning", warning });
    signal.throwIfAborted();
    const timings = { inspected_ms, converted_ms, audited_ms: clock() };
    return {
      done: { event: "done", content_type: type.mime, traits: [...traits], results, engine: engine.facts(), ...timings },
      results: ctx.results,
    };
  } finally {
    await toolbox.close();
  }
}

const Steps = z.object({ steps: z.array(Step) });

function plan({ lanes }: Engine, request: BoxRun): { operation: Operation; options: Step["options"] } {
  const { steps } = parseRequest(Steps, { steps: request.steps });
  const [step, ...more] = steps;
  if (!step || more.length > 0) throw new Problem("steps-unsupported");
  const operation = (operations as unknown as readonly Operation[]).find(({ id }) => id === step.operation); // options of different shapes have no common type
  if (!operation) throw new Problem("operation-unknown");
  if (!lanes.includes(operation.lane)) throw new Problem("engine-unavailable", `This box does not serve the lane ${operation.lane}.`);
  return { operation, options: step.options };
}

/** Milliseconds since it was last asked. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const passed = Math.round(now - last);
    last = now;
    return passed;
  };
}
