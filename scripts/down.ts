// Ends the system of this folder (TRUSTY_STATE), in order, wherever it was started. What it has is kept.
//   npm run down
import { setTimeout as sleep } from "node:timers/promises";
import { readArguments } from "./read-arguments.ts";
import { endOrphans } from "./stack/orphans.ts";
import { placesOf } from "./stack/places.ts";
import { bootId, isAlive } from "./stack/processes.ts";
import { runningStack } from "./stack/stack-file.ts";

const stopWithinMs = 75_000;

readArguments(import.meta.filename, {});
try {
  await down();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function down(): Promise<void> {
  const { stackFile } = placesOf(process.env);
  const running = runningStack(stackFile, bootId());
  if (running) {
    process.kill(running.supervisor.pid, "SIGTERM");
    for (const until = Date.now() + stopWithinMs; isAlive(running.supervisor) && Date.now() < until; ) await sleep(50);
    if (isAlive(running.supervisor)) process.kill(running.supervisor.pid, "SIGKILL");
    await sleep(50);
  }
  const orphans = await endOrphans(stackFile);
  console.log(running || orphans.length > 0 ? "TrustyConvert is stopped." : "TrustyConvert was not running.");
}
