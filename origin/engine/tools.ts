// THE table of programs that operations may run, with their limits and what their ends mean.
import { dirname, join } from "node:path";
import type { Tool } from "#contract/operation.ts";
import type { ProblemCode } from "#contract/problems.ts";
import type { Exit, Limits } from "./exec.ts";

type ToolRow = {
  command: string;
  /** Arguments before the operation's. */
  args?: readonly string[];
  /** Exit codes that are success, beside 0. */
  okCodes?: readonly number[];
  memory: Pick<Limits, "addressBytes" | "dataBytes">;
  env?: Record<string, string>;
};

const GB = 1_000_000_000;
const here = dirname(import.meta.filename);
const memory = { addressBytes: 3 * GB };

export const tools: Record<Tool, ToolRow> = {
  pdftotext: { command: "/usr/bin/pdftotext", memory },
  pdftoppm: { command: "/usr/bin/pdftoppm", memory },
  pdfinfo: { command: "/usr/bin/pdfinfo", memory },
  // 3: it worked, with warnings
  qpdf: { command: "/usr/bin/qpdf", okCodes: [3], memory },
  // V8 reserves address space that it never uses, so only written memory is limited
  "encode-pages": {
    command: process.execPath,
    args: [join(here, "encode-pages.ts")],
    memory: { dataBytes: 3 * GB },
    env: { OMP_THREAD_LIMIT: "1", VIPS_CONCURRENCY: "1", UV_THREADPOOL_SIZE: "2" },
  },
};

const crashes = new Set<NodeJS.Signals | null>(["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE"]);

/** Which problem the end of a tool is; undefined for success. */
export function problemOfExit({ code, signal }: Exit, okCodes: readonly number[]): ProblemCode | undefined {
  if (signal === "SIGXFSZ") return "result-too-large";
  if (signal === "SIGXCPU" || signal === "SIGKILL") return "input-too-complex";
  if (crashes.has(signal)) return "engine-crashed";
  return code !== null && (code === 0 || okCodes.includes(code)) ? undefined : "conversion-failed";
}
