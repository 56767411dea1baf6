// Runs rows through the whole system, and looks at the end whether anything was left behind or got out.
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, markOf } from "#scripts/stack/processes.ts";
import { password } from "#test/fixtures/recipes.ts";
import type { Row } from "./row.ts";
import { wrongPassword } from "./rows/encrypted.ts";
import { contentCanary, macroRunsWhereItMay, nameCanary } from "./run/controls.ts";
import { convert } from "./run/convert.ts";
import { startHouse } from "./run/house.ts";
import { judge } from "./run/judge.ts";
import { redisLeaks, storedLeaks } from "./run/leaks.ts";
import { layLures } from "./run/lures.ts";
import { macroHasRun, restOf, unrest } from "./run/rest.ts";
import { watchProcesses } from "./run/watch-processes.ts";

export type Outcome = { row: Row; obtained: string; faults: readonly string[]; ms: number };

/** Small enough that two cores keep every document's deadline honest. */
export const rowsAtOnce = 3;

export async function openSuite(inherited: Record<string, string | undefined>, signal?: AbortSignal) {
  const house = await startHouse(inherited, signal);
  const lures = await layLures(house.state).catch(async (error: unknown) => {
    await house.stop();
    throw error;
  });
  const planted = { content: contentCanary, name: nameCanary, passwords: [password, wrongPassword] };
  const watch = watchProcesses(house, [planted.content, planted.name, ...planted.passwords]);
  const atRest = restOf(house);
  let stopped = false;

  const stop = async () => {
    if (stopped) return;
    stopped = true;
    watch.stop();
    await Promise.all([house.stop(), lures.close()]);
  };

  return {
    async run(row: Row): Promise<Outcome> {
      const startedAt = performance.now();
      const ended = await convert(house.api, row, await row.file(lures.lures));
      const faults = judge(row, ended, [lures.secret]);
      if (macroHasRun(house)) faults.push("a macro has run");
      return { row, obtained: ended.code, faults, ms: Math.round(performance.now() - startedAt) };
    },
    /** Ends the system. Each is one promise about all rows, with what breaks it. */
    async *findings(): AsyncGenerator<{ promise: string; faults: string[] }> {
      const processes = house.processes().map(({ pid, name }) => ({ name, mark: markOf(pid) }));
      const visitors = lures.visitors();
      yield { promise: "nobody was phoned", faults: visitors === 0 ? [] : [`${visitors} connections arrived`] };
      yield { promise: "no password and no content is an argument or a variable of a process", faults: watch.stop() };
      yield {
        promise: "every slot is free, and no process or file of a task is left in a box or was ended there",
        faults: await unrest(house, atRest),
      };
      yield { promise: "Redis holds no password, content or name", faults: await redisLeaks(house, planted) };
      await stop();
      const left = () => processes.flatMap(({ name, mark }) => (mark && isAlive(mark) ? [`${name} (${mark.pid})`] : []));
      // what dies with its parent dies a moment later
      for (let waits = 0; waits < 300 && left().length > 0; waits++) await sleep(100);
      yield { promise: "no process of the system is left when it has stopped", faults: left() };
      yield {
        promise:
          "no log, no queue and no database holds a password or content; of the object store, no password and no result of a failed job; no box was taken for a broken one",
        faults: await storedLeaks(house, planted),
      };
      const ran = macroRunsWhereItMay();
      yield {
        promise: "the macro of these rows runs where macros may run, or they would show nothing",
        faults: ran ? [] : ["it did not run"],
      };
    },
    async close() {
      await stop();
      await rm(house.state, { recursive: true, force: true });
    },
  };
}
