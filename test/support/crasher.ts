// Ends LibreOffice whenever a box converts the document that is to crash: a true crash, on every version of LibreOffice.
import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { boxProcess, descendants, usedTicks } from "#test/engine/support/processes.ts";
import { odt } from "#test/fixtures/documents.ts";

export type Crasher = { crashes(): number; stop(): void };

const lookMs = 40;
/** It converts once it has worked so long, in hundredths of a second. One that dies before, idle, is replaced without blame for the document. */
const busyTicks = 10;

/** The extension tells the document in a box's workspace; nothing else of the run has it. */
export function startCrasher(launchers: readonly number[], extension: string): Crasher {
  const boxes = launchers.map((launcher) => ({ launcher, work: `/proc/${boxProcess(launcher)}/root/work` }));
  let stopped = false;
  let crashes = 0;
  void (async () => {
    const ended = new Set<string>();
    const ticksAtFirst = new Map<string, number>();
    for (; !stopped; await sleep(lookMs)) {
      for (const { launcher, work } of boxes) {
        try {
          const task = taskWith(work, extension);
          const office = task && !ended.has(task) && descendants(launcher).find(({ name }) => name === "soffice.bin");
          if (!office) continue;
          const ticks = usedTicks(office.pid);
          const run = `${task} ${office.pid}`;
          if (!ticksAtFirst.has(run)) ticksAtFirst.set(run, ticks);
          if (ticks < (ticksAtFirst.get(run) ?? ticks) + busyTicks) continue;
          process.kill(office.pid, "SIGKILL");
          ended.add(task);
          crashes++;
        } catch {
          // the task or its LibreOffice ended meanwhile
        }
      }
    }
  })();
  return {
    crashes: () => crashes,
    stop() {
      stopped = true;
    },
  };
}

/** Takes longer to convert than it takes to be noticed. Each number is another document, because one that ended two boxes is given to no more. */
export const crashing = (n: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(odt([`Number ${n}`, ...Array.from({ length: 8_000 }, () => "It ends LibreOffice, before it is converted.")]));

/** The path of the task's folder; undefined where there is none. */
function taskWith(work: string, extension: string): string | undefined {
  const task = readdirSync(work).find((name) => name.startsWith("task-"));
  return task && readdirSync(`${work}/${task}`).includes(`input.${extension}`) ? `${work}/${task}` : undefined;
}
