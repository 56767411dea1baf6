// Who runs in the box that the box did not start: what a document has left behind of a program that it took over.
import { readdirSync, readFileSync } from "node:fs";

/** `started`: since the machine's start, so that a number which was given again is another process. */
export type Process = { pid: number; parent: number; group: number; started: string };

export type Found = { strangers: Process[]; vanished: number };

/** Those that are neither this process, nor above it, nor known, nor brought in from outside (as a container's health check is). What vanished while it was looked at may have begotten another. */
export function strangers(isKnown: (process: Process) => boolean, { all, vanished } = look(), self = process.pid): Found {
  const byPid = new Map(all.map((each) => [each.pid, each]));
  const above = (pid: number): number[] => {
    const chain: number[] = [];
    for (let at = byPid.get(pid); at && !chain.includes(at.pid); at = byPid.get(at.parent)) chain.push(at.pid);
    return chain;
  };
  const own = new Set([1, ...above(self)]);
  const fromOutside = (pid: number) => above(pid).every((each) => each !== 1);
  return { strangers: all.filter((each) => !own.has(each.pid) && !fromOutside(each.pid) && !isKnown(each)), vanished };
}

/** Living processes that are seen from here. */
export const processes = (): Process[] => look().all;

function look(): { all: Process[]; vanished: number } {
  const found = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [processOf(Number(name))] : []));
  const all = found.filter((each) => typeof each === "object");
  return { all, vanished: found.filter((each) => each === "vanished").length };
}

function processOf(pid: number): Process | "dead" | "vanished" {
  try {
    // after the command's name, which may hold anything: state, parent, group; the start comes 17 fields later
    const [state, parent, group, ...more] = readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
    if (state === "Z" || state === "X") return "dead";
    return { pid, parent: Number(parent), group: Number(group), started: more[16] ?? "" };
  } catch {
    return "vanished";
  }
}
