// Before a task counts as over, and before the next begins, nothing runs in the box but its own process and LibreOffice as it was before any document.
import { setTimeout as sleep } from "node:timers/promises";
import { wasEnded } from "./exec.ts";
import type { OfficeDriver } from "./office/driver.ts";
import { strangers } from "./strangers.ts";

/** A large LibreOffice on a machine that is short of processors takes its time to be gone. */
const dyingMs = 6_000;
const lookMs = 5;

/** Whether somebody had to go. */
export type Alone = () => Promise<boolean>;

/**
 * Kills what nobody here started. Whatever that is, it came out of a program that a document has taken over, so that LibreOffice goes with it.
 * Only for a box with a process namespace of its own: everything that this process may kill is then the box's.
 */
export function alone(office: OfficeDriver | undefined, exit: () => never): Alone {
  const here = () => strangers((process) => office?.owns(process) ?? false);
  return async () => {
    for (const until = Date.now() + dyingMs; ; await sleep(lookMs)) {
      const { strangers: found, vanished } = here();
      if (found.length === 0 && vanished === 0) return false;
      if (found.some(({ group }) => !wasEnded(group))) break;
      // Of a group that was killed: they only need a moment, unless one of them got away.
      for (const { pid } of found) kill(pid);
      if (Date.now() > until) break;
    }
    console.error("processes that nobody started were found, and ended with LibreOffice");
    office?.distrust();
    kill(-1); // all at once, so that none of them can start another
    for (const until = Date.now() + dyingMs; here().strangers.length > 0; await sleep(lookMs)) if (Date.now() > until) exit();
    return true;
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it is gone already
  }
}
