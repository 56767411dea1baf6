import { readdirSync, readFileSync } from "node:fs";

const pageBytes = 4096;

/** Resident memory of all processes of a group, from /proc. */
export function groupMemoryBytes(group: number): number {
  let bytes = 0;
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      // after the command's name, which may hold anything: state, parent, group; the resident pages come 19 fields later
      const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
        .replace(/^.*\) /s, "")
        .split(" ");
      if (Number(fields[2]) === group) bytes += Number(fields[21]) * pageBytes;
    } catch {
      // it ended meanwhile
    }
  }
  return bytes;
}
