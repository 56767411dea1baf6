// Starts the whole system on this machine, proves it with one real conversion, and keeps it running until Ctrl-C.
//   npm start     TRUSTY_PORT is another port than 8787, TRUSTY_STATE another folder of data than .trusty, for a second one beside it
import { proveByConverting } from "./convert/prove.ts";
import { readArguments } from "./read-arguments.ts";
import { localKey } from "./stack/local-key.ts";
import { endOrphans } from "./stack/orphans.ts";
import { placesOf } from "./stack/places.ts";
import { refuseTakenPorts } from "./stack/ports.ts";
import { bootId, markOf, type ProcessMark } from "./stack/processes.ts";
import { refuseNoSandbox } from "./stack/refuse-no-sandbox.ts";
import { startStack } from "./stack/stack.ts";
import { removeStackFile, runningStack, type StackFile, writeStackFile } from "./stack/stack-file.ts";
import type { Supervised } from "./stack/supervised.ts";

readArguments(import.meta.filename, {});
const startedMs = Number(process.env.STARTED_MS) || Date.now() - process.uptime() * 1_000;
const log = (line: string) => console.log(line);
const seconds = (fromMs: number) => ((Date.now() - fromMs) / 1_000).toFixed(1);

try {
  await run();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

async function run(): Promise<void> {
  const places = placesOf(process.env);
  const already = runningStack(places.stackFile, bootId());
  if (already) {
    log(`TrustyConvert runs already at ${already.address} (npm run down ends it).`);
    return;
  }
  const orphans = await endOrphans(places.stackFile);
  if (orphans.length > 0) log(`Ended what an earlier start had left: ${orphans.join(", ")}.`);
  await refuseTakenPorts(places.ports);
  await refuseNoSandbox(places);

  const supervisor = markOf(process.pid) as ProcessMark; // this process has an entry in /proc
  let running: readonly Supervised[] = [];
  let status: StackFile["status"] = "starting";
  const address = `http://127.0.0.1:${places.ports.edge}`;
  const note = (message?: string) => {
    const parts = running.flatMap(({ part, pid }) => {
      const mark = pid === undefined ? undefined : markOf(pid);
      return mark ? [{ ...mark, name: part.name, log: part.logPath }] : [];
    });
    writeStackFile(places.stackFile, { boot: bootId(), supervisor, status, address, parts, ...(message && { message }) });
  };

  const interrupt = new AbortController();
  let end: (() => Promise<void>) | undefined;
  const onSignal = () => {
    if (interrupt.signal.aborted) {
      for (const part of running) part.kill();
      removeStackFile(places.stackFile);
      process.exit(130);
    }
    log("\nStopping (once more Ctrl-C to stop at once) …");
    status = "stopping";
    interrupt.abort();
    void end?.();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);

  log("Starting TrustyConvert …");
  try {
    const changed = (parts: readonly Supervised[]) => {
      running = parts;
      note();
    };
    const stack = await startStack({ places, inherited: process.env, log, signal: interrupt.signal, changed });
    log(`All ${stack.parts.length} parts are ready after ${seconds(startedMs)} s: ${stack.parts.map(({ part }) => part.name).join(", ")}.`);
    end = async () => {
      await stack.stop();
      removeStackFile(places.stackFile);
      log("Stopped.");
      process.exit(0);
    };
    const { key: token } = await localKey(
      { originPort: places.ports.origin, edgeKey: stack.secrets.edgeKey },
      { account: "acme", tier: "premium", minutes: 60 },
    );
    log(await proveByConverting({ address, token, signal: interrupt.signal }));
    log(`\nFrom the start to the first converted document: ${seconds(startedMs)} s.`);
    log(`\nTrustyConvert runs at ${address}\n\n  npm run convert -- FILE --to pdf\n  npm run token -- --tier premium --account acme\n`);
    const ends = process.stdout.isTTY ? "Ctrl-C, or npm run down" : "npm run down";
    log(`An API key of the account acme, tier premium, for one hour:\n${token}\n\nLogs: ${places.state}/logs   End: ${ends}`);
    status = "ready";
    note();
  } catch (error) {
    if (interrupt.signal.aborted) {
      removeStackFile(places.stackFile);
      process.exit(130);
    }
    status = "failed";
    await Promise.all(running.map((part) => part.stop()));
    removeStackFile(places.stackFile);
    throw error;
  }
}
