// Starts the system in the background and comes back when it is ready.
//   npm run up     TRUSTY_PORT is another port than 8787, TRUSTY_STATE another folder of data than .trusty, for a second one beside it
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readArguments } from "./read-arguments.ts";
import { placesOf } from "./stack/places.ts";
import { bootId } from "./stack/processes.ts";
import { runningStack } from "./stack/stack-file.ts";

readArguments(import.meta.filename, {});
try {
  await up();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function up(): Promise<void> {
  const places = placesOf(process.env);
  const logPath = places.log("stack");
  const now = () => runningStack(places.stackFile, bootId());

  const already = now();
  if (already?.status === "ready") {
    console.log(`TrustyConvert runs already at ${already.address}.`);
    process.exit(0);
  }
  if (already?.status === "stopping") {
    console.error("TrustyConvert is just stopping; try again in a moment.");
    process.exit(1);
  }
  let ended: number | null | undefined;
  if (!already) {
    const log = openSync(logPath, "w", 0o600);
    const child = spawn(process.execPath, [join(places.root, "scripts/start.ts")], { detached: true, stdio: ["ignore", log, log] });
    closeSync(log);
    child.once("exit", (code) => {
      ended = code ?? 1;
    });
    child.unref();
  }
  console.log(`Starting TrustyConvert in the background; log: ${logPath}`);
  while (ended === undefined && now()?.status !== "ready") await sleep(100);
  const said = readFileSync(logPath, "utf8").trim();
  if (ended === undefined) {
    console.log(said);
  } else {
    console.error(said);
    process.exitCode = 1;
  }
}
