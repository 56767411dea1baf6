import { join } from "node:path";
import { expect, test } from "vitest";
import { drill } from "./drill.ts";
import { pace } from "./pace.ts";
import { report } from "./report.ts";

const root = join(import.meta.dirname, "../..");
const anHour = 3_600_000;
const interrupted = new AbortController();

test("everything is killed once while documents are converted, and no job is lost, made twice, charged twice or left behind", {
  timeout: anHour,
}, async () => {
  const drilled = await drill({ root, ...pace.short, say: () => {}, signal: interrupted.signal });
  console.log(report(drilled));
  expect(drilled.faults).toEqual([]);
});
