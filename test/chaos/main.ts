// The fault drill: converts documents of five accounts while everything is killed in turn, and judges what is left. docs/chaos.md tells what and how.
//   npm run chaos                    1,000 jobs, a quarter of an hour
//   npm run chaos -- --short         every fault once
//   npm run chaos -- --only Redis    faults whose name contains it
//   npm run chaos -- --break sweep   with a fault of the house itself, which the drill must notice
import { join } from "node:path";
import { readArguments } from "#scripts/read-arguments.ts";
import { brokenOf } from "./broken.ts";
import { drill } from "./drill.ts";
import { pace } from "./pace.ts";
import { report } from "./report.ts";

const text = { type: "string" } as const;
const { values } = readArguments(import.meta.filename, { options: { short: { type: "boolean" }, jobs: text, only: text, break: text } });
const { short = false, jobs, only, break: broken } = values;

const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort(new Error(`ended by ${name}`));
  });
}
try {
  brokenOf(broken);
  const drilled = await drill({
    root: join(import.meta.dirname, "../.."),
    ...(short ? pace.short : pace.full),
    ...(jobs !== undefined && { jobs: Number(jobs) }),
    ...(only !== undefined && { only }),
    ...(broken !== undefined && { broken }),
    say: (line) => console.error(line),
    signal: interrupted.signal,
  });
  console.log(report(drilled));
  process.exit(drilled.faults.length > 0 ? 1 : 0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
