// Ends LibreOffice whenever a box converts the document that is to crash: a true crash, on every version of LibreOffice.
import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { boxProcess, descendants } from "#test/engine/support/processes.ts";

export type Crasher = { crashes(): number; stop(): void };

const lookMs = 40;

/** The extension tells the document in a box's workspace; nothing else of the run has it. */
export function startCrasher(launchers: readonly number[], extension: string): Crasher {
  const boxes = launchers.map((launcher) => ({ launcher, work: `/proc/${boxProcess(launcher)}/root/work` }));
  let stopped = false;
  let crashes = 0;
  void (async () => {
    const ended = new Set<string>();
    while (!stopped) {
      await sleep(lookMs);
      for (const { launcher, work } of boxes) {
        const task = taskWith(work, extension);
        if (!task || ended.has(task)) continue;
        ended.add(task);
        for (const { name, pid } of descendants(launcher)) {
          if (name !== "soffice.bin") continue;
          process.kill(pid, "SIGKILL");
          crashes++;
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

/** The path of the task's folder; undefined where there is none, or no more. */
function taskWith(work: string, extension: string): string | undefined {
  try {
    const task = readdirSync(work).find((name) => name.startsWith("task-"));
    return task && readdirSync(`${work}/${task}`).includes(`input.${extension}`) ? `${work}/${task}` : undefined;
  } catch {
    return undefined;
  }
}
