// Processor time of process trees, as the kernel counts it (proc(5)).
import { readdirSync, readFileSync } from "node:fs";

export type Process = {
  pid: number;
  parent: number;
  name: string;
  /** User and system. */
  ownMs: number;
  /** Of children that have ended. */
  endedMs: number;
};
export type ProcessTable = ReadonlyMap<number, Process>;

/** Linux counts in hundredths of a second for programs, on every machine. */
const tickMs = 10;

export function readProcesses(): ProcessTable {
  const table = new Map<number, Process>();
  for (const name of readdirSync("/proc")) {
    const found = /^\d+$/.test(name) ? processOf(Number(name)) : undefined;
    if (found) table.set(found.pid, found);
  }
  return table;
}

function processOf(pid: number): Process | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined; // it ended meanwhile
  }
  const end = text.lastIndexOf(")");
  const fields = text.slice(end + 2).split(" ");
  const timeMs = (first: number) => (Number(fields[first]) + Number(fields[first + 1])) * tickMs;
  return { pid, parent: Number(fields[1]), name: text.slice(text.indexOf("(") + 1, end), ownMs: timeMs(11), endedMs: timeMs(13) };
}

/** A process and all below it. */
export function treeOf(table: ProcessTable, root: number): Process[] {
  const first = table.get(root);
  if (!first) return [];
  const below = [...table.values()].filter(({ parent }) => parent === root);
  return [first, ...below.flatMap(({ pid }) => treeOf(table, pid))];
}

/** Of a process and all below it, also what has ended, milliseconds. */
export const treeTime = (root: number): number =>
  treeOf(readProcesses(), root).reduce((sum, { ownMs, endedMs }) => sum + ownMs + endedMs, 0);

export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}

/** What all cores did since boot, in milliseconds; `stolen` went to other machines on the same host. */
export function machineTime(): { busyMs: number; stolenMs: number } {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (
    /^cpu +(.*)$/m.exec(readFileSync("/proc/stat", "latin1"))?.[1] ?? ""
  )
    .split(" ")
    .map(Number);
  return { busyMs: (user + nice + system + irq + softirq) * tickMs, stolenMs: steal * tickMs };
}
