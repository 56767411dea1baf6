import { spawn } from "node:child_process";

export type Ran = { ok: boolean; output: string; seconds: number };

type Options = { cwd: string; withinMs: number; stream?: boolean };

/** Runs a program to its end, or to its deadline; standard input is empty. With `stream`, its output goes straight to ours. */
export function runProgram([program = "", ...argv]: readonly string[], { cwd, withinMs, stream = false }: Options): Promise<Ran> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const child = spawn(program, argv, {
      cwd,
      stdio: ["ignore", stream ? "inherit" : "pipe", stream ? "inherit" : "pipe"],
      detached: !stream,
    });
    let output = "";
    const take = (text: string) => {
      output += text;
    };
    child.stdout?.setEncoding("utf8").on("data", take);
    child.stderr?.setEncoding("utf8").on("data", take);
    const timer = setTimeout(() => {
      output += `\nended after ${withinMs / 1_000} s`;
      if (stream || child.pid === undefined) child.kill("SIGKILL");
      else process.kill(-child.pid, "SIGKILL");
    }, withinMs);
    const end = (ok: boolean) => {
      clearTimeout(timer);
      resolve({ ok, output, seconds: (performance.now() - startedAt) / 1_000 });
    };
    child.once("error", (error) => {
      output += error.message;
      end(false);
    });
    child.once("close", (code) => end(code === 0));
  });
}
