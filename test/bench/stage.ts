// A folder and parts for the time of one bench: both go at its end, on an error, and on Ctrl-C.
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { machineTime } from "./processor-time.ts";

export type Stop = () => Promise<unknown> | unknown;
export type Stage = {
  folder: string;
  /** Takes what ends a part, as soon as it runs. */
  onStop(stop: Stop): void;
};

export async function onStage(measure: (stage: Stage) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "trusty-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const stops: Stop[] = [];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      for (const end of stops.reverse()) await Promise.resolve(end()).catch((error: unknown) => console.error(error));
    })();
    return stopping;
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => void stop().then(() => process.exit(130)));
  try {
    await measure({ folder, onStop: (end) => stops.push(end) });
  } catch (error) {
    // what was asked to stop fails, and that is no news
    if (stopping) await new Promise(() => {});
    throw error;
  } finally {
    await stop();
  }
}

export const say = (line: string): void => console.error(line);

/** Says it when the machine is at work already: the numbers will be worse than they need be. */
export async function expectQuiet(): Promise<void> {
  const before = machineTime().busyMs;
  await sleep(1_000);
  const busy = (machineTime().busyMs - before) / (1_000 * availableParallelism());
  if (busy > 0.1) say(`This machine is busy already: ${Math.round(busy * 100)} % of its cores' time goes to others.`);
}
