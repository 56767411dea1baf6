import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { clamdSettings } from "#origin/scanner/settings.ts";
import { type Part, plainEnvironment } from "./part.ts";
import { expectAnswer } from "./probe.ts";
import type { Signatures } from "./signatures.ts";

export type ClamdOptions = { dir: string; signatures: Signatures; logPath: string; instead?: Record<string, string> };

export const clamdSocket = (dir: string): string => join(dir, "clamd.sock");

/** clamd.conf: where things are, and what the origin needs of every clamd. `instead`: what a test starts it with. */
export function clamdConfig({ dir, signatures, instead = {} }: Omit<ClamdOptions, "logPath">): string {
  const needed = Object.entries(clamdSettings()).map(([name, { value }]) => [name, value] as const);
  const rows = {
    DatabaseDirectory: signatures.folder,
    LocalSocket: clamdSocket(dir),
    LocalSocketMode: "600",
    FixStaleSocket: "yes",
    PidFile: join(dir, "clamd.pid"),
    TemporaryDirectory: join(dir, "tmp"),
    Foreground: "yes",
    LogTime: "yes",
    MaxThreads: "4",
    ...Object.fromEntries(needed),
    ...instead,
  };
  return Object.entries(rows)
    .map(([name, value]) => `${name} ${value}\n`)
    .join("");
}

export function clamdPart(options: ClamdOptions, inherited: Record<string, string | undefined>): Part {
  const { dir, logPath, signatures } = options;
  rmSync(join(dir, "tmp"), { recursive: true, force: true });
  mkdirSync(join(dir, "tmp"), { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  const configPath = join(dir, "clamd.conf");
  writeFileSync(configPath, clamdConfig(options));
  return {
    name: "clamd",
    command: ["/usr/sbin/clamd", `--config-file=${configPath}`],
    environment: plainEnvironment(inherited),
    logPath,
    probe: (signal) => expectAnswer({ path: clamdSocket(dir) }, "zPING\0", "PONG", signal),
    // The official database takes half a minute to load on a slow disk.
    readyWithinMs: signatures.testOnly ? 60_000 : 180_000,
    stopWithinMs: 5_000,
  };
}
