import { expect, test } from "vitest";
import { Problem } from "#contract/problems.ts";
import type { Run, Tools } from "../run.ts";
import { chargeFound, chargeKnown } from "./charge.ts";

/** A run of a PDF to text, and what is charged for it. */
function counted(changes: Partial<Run>, answer: () => Promise<boolean> = async () => true) {
  const charged: object[] = [];
  const steps = [{ operation: "pdf.to-text", options: {} }];
  const run = { row: { id: "job_1", attempt: 1 }, steps, ...changes } as Run; // only these are read
  const chargePages: Tools["chargePages"] = async (_attempt, found) => {
    charged.push(found);
    return answer();
  };
  return { run, tools: { chargePages } as Tools, charged };
}
const results = (...pages: (number | undefined)[]) => ({ results: pages.map((n) => (n === undefined ? {} : { pages: n })) }) as Run["done"];

test("pages that the inspection told are charged before the conversion, and not again after it", async () => {
  const { run, tools, charged } = counted({ inspected: { pages: 7 }, ...{ done: results(2) } } as Partial<Run>);
  await chargeKnown(run, tools);
  await chargeFound(run, tools);
  expect(charged).toEqual([{ pages: 7, ocrPages: 0 }]);
});

test("of a range only its pages are charged", async () => {
  const steps = [{ operation: "pdf.to-text", options: { pages: "2-3,6-" } }];
  const { run, tools, charged } = counted({ inspected: { pages: 7 }, steps } as Partial<Run>);
  await chargeKnown(run, tools);
  expect(charged).toEqual([{ pages: 4, ocrPages: 0 }]);
});

test("pages that only the conversion shows are charged after it; a result without pages is one", async () => {
  const { run, tools, charged } = counted({ done: results(4, undefined) } as Partial<Run>);
  await chargeKnown(run, tools);
  expect(charged).toEqual([]);
  await chargeFound(run, tools);
  expect(charged).toEqual([{ pages: 5, ocrPages: 0 }]);
});

test("a run whose pages are refused ends with the refusal", async () => {
  const { run, tools } = counted({ inspected: { pages: 7 } }, () => Promise.reject(new Problem("quota-pages")));
  await expect(chargeKnown(run, tools)).rejects.toMatchObject({ code: "quota-pages" });
});

test("a run that no longer counts goes no further", async () => {
  const { run, tools } = counted({ inspected: { pages: 7 } }, async () => false);
  await expect(chargeKnown(run, tools)).rejects.toThrow();
});
