// Processes as the kernel knows them: a pid alone says nothing, because pids are used again.
import { readdirSync, readFileSync } from "node:fs";

export type ProcessMark = { pid: number /** Clock ticks after boot at which it started. */; startedTicks: number };

type Stat = { session: number; startedTicks: number; zombie: boolean };

function statOf(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The name may hold spaces and brackets; the fields after the last bracket are numbers, beginning with the third (proc(5)).
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { zombie: fields[0] === "Z", session: Number(fields[3]), startedTicks: Number(fields[19]) };
}

export const bootId = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();

export function markOf(pid: number): ProcessMark | undefined {
  const stat = statOf(pid);
  return stat && { pid, startedTicks: stat.startedTicks };
}

/** Whether the very process that was marked still runs. */
export function isAlive({ pid, startedTicks }: ProcessMark): boolean {
  const stat = statOf(pid);
  return stat !== undefined && !stat.zombie && stat.startedTicks === startedTicks;
}

/** What is left of a marked process's session: itself, and children that outlived it. Empty when its pid names another process by now. */
export function sessionOf(mark: ProcessMark): number[] {
  const leader = statOf(mark.pid);
  if (leader && leader.startedTicks !== mark.startedTicks) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const stat = statOf(pid);
      return stat?.session === mark.pid && !stat.zombie && stat.startedTicks >= mark.startedTicks;
    });
}
