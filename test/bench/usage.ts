// How much processor time each part of the system used between two moments, and how much of the machine others used.
import { availableParallelism } from "node:os";
import { commandLine, machineTime, readProcesses, treeOf } from "./processor-time.ts";

export const parts = [
  "edge + R2 emulator",
  "api",
  "worker",
  "Redis",
  "PostgreSQL",
  "clamd",
  "boxes without LibreOffice",
  "LibreOffice",
  "bare LibreOffice",
  "client (this bench)",
] as const;
export type PartName = (typeof parts)[number];
export type PerPart = Record<PartName, number>;

/** Process ids of the roots of the trees; LibreOffice in boxes is found below them. */
export type Roots = Record<Exclude<PartName, "LibreOffice" | "client (this bench)">, readonly number[]>;

export type Usage = {
  wallMs: number;
  byPart: PerPart;
  /** The same, by the names of the processes. */
  byProcess: Record<string, number>;
  /** Shares of all cores' time: of processes that are not ours, and of other machines on the same host. */
  foreign: number;
  stolen: number;
};

type Row = { part: PartName; name: string; ms: number };

/** Begins to count; the answer ends it. */
export function startCounting(roots: Roots): () => Usage {
  const before = reading(roots);
  return () => {
    const after = reading(roots);
    const wallMs = after.atMs - before.atMs;
    const capacityMs = wallMs * availableParallelism();
    const passed = (key: (row: Row) => string): Record<string, number> => {
      const sums: Record<string, number> = {};
      for (const row of after.rows) sums[key(row)] = (sums[key(row)] ?? 0) + row.ms;
      for (const row of before.rows) sums[key(row)] = (sums[key(row)] ?? 0) - row.ms;
      return sums;
    };
    const sums = passed(({ part }) => part);
    const byPart = Object.fromEntries(parts.map((part) => [part, sums[part] ?? 0])) as PerPart; // a key for each of the list
    const oursMs = parts.reduce((sum, part) => sum + byPart[part], 0);
    return {
      wallMs,
      byPart,
      byProcess: passed(({ part, name }) => `${part}: ${name}`),
      foreign: Math.max(0, after.machine.busyMs - before.machine.busyMs - oursMs) / capacityMs,
      stolen: (after.machine.stolenMs - before.machine.stolenMs) / capacityMs,
    };
  };
}

function reading(roots: Roots): { atMs: number; rows: Row[]; machine: ReturnType<typeof machineTime> } {
  const table = readProcesses();
  const { user, system } = process.cpuUsage();
  const rows: Row[] = [{ part: "client (this bench)", name: "node", ms: (user + system) / 1_000 }];
  for (const part of Object.keys(roots) as (keyof Roots)[]) {
    const all = roots[part].flatMap((root) => treeOf(table, root));
    const office = new Set(part === "boxes without LibreOffice" ? all.filter(isUnoServer).flatMap(({ pid }) => treeOf(table, pid)) : []);
    for (const found of all) {
      const owner = office.has(found) ? "LibreOffice" : part;
      rows.push({ part: owner, name: found.name, ms: found.ownMs }, { part: owner, name: `ended below ${found.name}`, ms: found.endedMs });
    }
  }
  return { atMs: performance.now(), rows, machine: machineTime() };
}

/** UnoServer's Python; LibreOffice is below it. */
export const isUnoServer = ({ name, pid }: { name: string; pid: number }): boolean =>
  name.startsWith("python") && commandLine(pid).includes("unoserver_hidden.py");
