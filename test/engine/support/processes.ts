import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export type Process = { pid: number; parent: number; name: string };

/** Living processes below one, as the host sees them. */
export function descendants(root: number): Process[] {
  const all = readdirSync("/proc").flatMap((pid) => (/^\d+$/.test(pid) ? (processOf(Number(pid)) ?? []) : []));
  const below = (pid: number): Process[] => all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)]);
  return below(root);
}

function processOf(pid: number): Process | undefined {
  try {
    const [, name = "", state, parent] = /^\d+ \((.*)\) (\S) (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return state === "Z" ? undefined : { pid, parent: Number(parent), name };
  } catch {
    return undefined; // it ended meanwhile
  }
}

/** Waits until a process works: until it has used a fifth of a second more of processor time. */
export async function untilBusy(pid: number): Promise<void> {
  for (const before = usedTicks(pid); usedTicks(pid) < before + 20; ) await sleep(20);
}

/** Processor time of a living process in hundredths of a second. */
export function usedTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** A file of a process in /proc; empty when it ended meanwhile. */
export function readOf(pid: number, file: "cmdline" | "environ"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}

/** The box's own process among those below its launcher. */
export function boxProcess(launcher: number): number {
  const found = descendants(launcher).find(({ pid }) => readOf(pid, "cmdline").split("\0")[0]?.endsWith("/node"));
  if (!found) throw new Error("the box has no process");
  return found.pid;
}
