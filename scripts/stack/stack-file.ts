// stack.json: what runs, for `up`, `down`, `convert`, and for the start after a crash.
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { isAlive } from "./processes.ts";

const Mark = z.object({ pid: z.int(), startedTicks: z.int() });

export const StackFile = z.object({
  /** Marks are worthless after a reboot. */
  boot: z.string(),
  supervisor: Mark,
  status: z.enum(["starting", "ready", "failed", "stopping"]),
  message: z.string().optional(),
  address: z.string(),
  parts: z.array(Mark.extend({ name: z.string(), log: z.string() })),
});
export type StackFile = z.infer<typeof StackFile>;

export function readStackFile(path: string): StackFile | undefined {
  try {
    return StackFile.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    // absent, or of an older version: nothing is known
    return undefined;
  }
}

export function writeStackFile(path: string, file: StackFile): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export const removeStackFile = (path: string): void => rmSync(path, { force: true });

/** The stack that this file tells of, when its supervisor is at work. */
export function runningStack(path: string, boot: string): StackFile | undefined {
  const file = readStackFile(path);
  return file && file.boot === boot && isAlive(file.supervisor) ? file : undefined;
}
