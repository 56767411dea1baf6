import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileBytesMaxOfAllTiers } from "#contract/tiers.ts";
import { type Part, plainEnvironment } from "./part.ts";
import { expectAnswer } from "./probe.ts";
import type { Signatures } from "./signatures.ts";

export type ClamdOptions = { dir: string; signatures: Signatures; logPath: string };

/** clamd refuses to scan files of 2 GiB and more. */
const clamdBytesMax = 2 ** 31 - 1;

export const clamdSocket = (dir: string): string => join(dir, "clamd.sock");

/** clamd that reads whole files of every tier and says so when it could not. */
export function clamdConfig({ dir, signatures }: Omit<ClamdOptions, "logPath">, bytesMax = fileBytesMaxOfAllTiers): string {
  if (bytesMax > clamdBytesMax) throw new RangeError(`clamd scans at most ${clamdBytesMax} bytes, and a tier allows ${bytesMax}`);
  return [
    `DatabaseDirectory ${signatures.folder}`,
    `LocalSocket ${clamdSocket(dir)}`,
    "LocalSocketMode 600",
    "FixStaleSocket yes",
    `PidFile ${join(dir, "clamd.pid")}`,
    `TemporaryDirectory ${join(dir, "tmp")}`,
    "Foreground yes",
    "LogTime yes",
    `StreamMaxLength ${bytesMax}`,
    `MaxFileSize ${bytesMax}`,
    // What archives unpack to counts too.
    `MaxScanSize ${Math.min(clamdBytesMax, 4 * bytesMax)}`,
    "MaxScanTime 300000",
    "MaxThreads 4",
    "AlertExceedsMax yes",
    "AlertEncrypted yes",
    "ConcurrentDatabaseReload no",
    "",
  ].join("\n");
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
    readyWithinMs: signatures.testOnly ? 20_000 : 180_000,
    stopWithinMs: 5_000,
  };
}
