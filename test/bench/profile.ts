// Processor profiles of Node processes (Chrome's DevTools read them), written when a process ends by itself.
import { chmodSync, copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunningBox } from "#scripts/stack/box.ts";
import { commandLine, readProcesses, treeOf } from "./processor-time.ts";

export const profiled = (folder: string): string[] => ["--cpu-prof", `--cpu-prof-dir=${folder}`];
/** For a box, whose socket's folder is the only one that it shares. */
export const boxProfiled = { NODE_OPTIONS: profiled("/run/box").join(" ") };

const writeMs = 5_000;

/** Ends the box's own process, which its launcher would kill before it has written, and fetches the profile. */
export async function endWithProfile({ child, socket }: RunningBox, folder: string): Promise<void> {
  const node = treeOf(readProcesses(), child.pid ?? 0).find(({ pid }) => commandLine(pid).split("\0", 1)[0]?.endsWith("/node"));
  if (!node) return;
  // a box is shut out of the folder after its start
  chmodSync(dirname(socket), 0o777);
  process.kill(node.pid, "SIGTERM");
  const written = () => readdirSync(dirname(socket)).filter((name) => name.endsWith(".cpuprofile"));
  for (const until = Date.now() + writeMs; written().length === 0 && Date.now() < until; ) await sleep(100);
  await sleep(200);
  mkdirSync(folder, { recursive: true });
  for (const name of written()) copyFileSync(join(dirname(socket), name), join(folder, `${child.pid}-${name}`));
}
