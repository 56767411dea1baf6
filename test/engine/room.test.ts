import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { fixture } from "#test/fixtures/make.ts";
import { pdf } from "#test/fixtures/pdf.ts";
import { testBox } from "./support/box.ts";

const box = await testBox({}, ["light"], { workspaceBytes: 400_000 });

const twentyPages = await fixture("twenty-pages.pdf");
const lines = Array.from({ length: 70 }, (_, line) => `Line ${line} of a page that is full of them`).join(") Tj 0 -10 Td (");

async function end(bytes: Buffer, operation: string, options = {}) {
  const task = await box.open();
  await box.put(task, bytes);
  const last = (await box.run(task, { operation, options, filename: "a.pdf" })).at(-1);
  await box.call("DELETE", `/tasks/${task}`);
  return last?.event === "problem" ? last.problem.code : last?.event;
}

test.each([
  ["a program has to write", () => readFile(twentyPages), "pdf.to-images", { dpi: 600 }],
  ["the box itself has to write", async () => pdf(Array.from({ length: 80 }, () => lines)), "pdf.to-text", {}],
])("a document that leaves no room for what %s asks for too much, and the next one is converted", async (_, greedy, operation, options) => {
  expect(await end(await greedy(), operation, options)).toBe("input-too-complex");
  expect(await end(await readFile(await fixture("two-pages.pdf")), operation)).toBe("done");
});
