import { setTimeout as sleep } from "node:timers/promises";
import { bootId, isAlive, sessionOf } from "./processes.ts";
import { readStackFile, removeStackFile } from "./stack-file.ts";

/** Ends what a supervisor that was killed left behind. Gives the names of the parts that were still there. */
export async function endOrphans(stackFile: string): Promise<string[]> {
  const file = readStackFile(stackFile);
  if (!file || file.boot !== bootId()) return [];
  if (isAlive(file.supervisor)) throw new Error(`the stack runs already (pid ${file.supervisor.pid})`);
  const left = () => file.parts.map((part) => ({ name: part.name, pids: sessionOf(part) })).filter(({ pids }) => pids.length > 0);
  const found = left();
  signal(found, "SIGTERM");
  // Redis writes its file, the origin hands its jobs back.
  for (let waits = 0; waits < 50 && left().length > 0; waits++) await sleep(100);
  signal(left(), "SIGKILL");
  for (let waits = 0; waits < 20 && left().length > 0; waits++) await sleep(50);
  removeStackFile(stackFile);
  return found.map(({ name }) => name);
}

function signal(parts: { pids: number[] }[], name: NodeJS.Signals): void {
  for (const pid of parts.flatMap(({ pids }) => pids)) {
    try {
      process.kill(pid, name);
    } catch {
      // it ended meanwhile
    }
  }
}
