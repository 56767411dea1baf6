// Runs rows of the table of tools within one task: limits from the task, ends as problems.
import type { Tool } from "#contract/operation.ts";
import { Problem } from "#contract/problems.ts";
import { exec, type Launch, type Output, pipe } from "./exec.ts";
import { problemOfExit, tools } from "./tools.ts";

export type Toolbox = {
  run(tool: Tool, argv: readonly string[], options?: { okCodes?: readonly number[]; appendTo?: string }): Promise<Output>;
  /** Like `run`, without an opinion on the exit. */
  probe(tool: Tool, argv: readonly string[]): Promise<Output>;
  /** Like `probe`, under the box's own limits and the deadline only: spares a process, for what was made here. */
  glance(tool: Tool, argv: readonly string[]): Promise<Output>;
  pipe(from: { tool: Tool; argv: readonly string[] }, to: { tool: Tool; argv: readonly string[] }): Promise<void>;
  /** Ends what still runs, and waits for it: of parallel work that fails, the rest must not outlive the task. */
  close(): Promise<void>;
};

export type ToolboxOptions = { cwd: string; signal: AbortSignal; deadlineAt: number; fileBytesMax: number };

export function openToolbox({ cwd, signal: given, deadlineAt, fileBytesMax }: ToolboxOptions): Toolbox {
  const closing = new AbortController();
  const signal = AbortSignal.any([given, closing.signal]);
  const running = new Set<Promise<unknown>>();
  const tracked = <T>(work: Promise<T>): Promise<T> => {
    running.add(work);
    const done = () => running.delete(work);
    work.then(done, done);
    return work;
  };
  const launch = (tool: Tool, argv: readonly string[]): Launch => {
    const { command, args = [], memory, env = {} } = tools[tool];
    const cpuSeconds = Math.max(1, Math.ceil((deadlineAt - Date.now()) / 1000)) + 1; // should the deadline's kill ever fail
    return { command, args: [...args, ...argv], cwd, env, signal, limits: { ...memory, cpuSeconds, fileBytes: fileBytesMax } };
  };
  const refuse = (tool: Tool, exit: Parameters<typeof problemOfExit>[0], okCodes: readonly number[] = [], stderr?: string) => {
    signal.throwIfAborted();
    const code = problemOfExit(exit, [...(tools[tool].okCodes ?? []), ...okCodes]);
    if (code) throw new Problem(code, undefined, { cause: { tool, ...exit, stderr } });
  };
  return {
    async run(tool, argv, { okCodes, appendTo } = {}) {
      const output = await tracked(exec({ ...launch(tool, argv), ...(appendTo !== undefined && { stdoutTo: appendTo }) }));
      refuse(tool, output, okCodes, output.stderr);
      return output;
    },
    async glance(tool, argv) {
      const { limits: _, ...direct } = launch(tool, argv);
      const output = await tracked(exec(direct));
      signal.throwIfAborted();
      return output;
    },
    async probe(tool, argv) {
      const output = await tracked(exec(launch(tool, argv)));
      signal.throwIfAborted();
      return output;
    },
    async pipe(from, to) {
      const exits = await tracked(pipe(launch(from.tool, from.argv), launch(to.tool, to.argv)));
      // when the reader fails the writer has nobody to write to, so the reader's end is the reason
      if (exits.from.code === 0 || exits.from.signal === "SIGPIPE") refuse(to.tool, exits.to);
      refuse(from.tool, exits.from);
      refuse(to.tool, exits.to);
    },
    async close() {
      closing.abort(new Problem("internal", undefined, { cause: "the task is over" }));
      await Promise.allSettled(running);
    },
  };
}
