import { descendants } from "#test/engine/support/processes.ts";

/** Ends a process and all below it, as `kill -9`. Whoever is ended by the end of another does not count. */
export function killFamily(pid: number): void {
  for (const each of [pid, ...descendants(pid).map((child) => child.pid)]) killIfThere(each);
}

/** Whether there was something to end. */
export function killIfThere(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
