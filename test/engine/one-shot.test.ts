import { expect, test } from "vitest";
import { codeOf, doneOf, testBox } from "./support/box.ts";
import { pdfText } from "./support/pdf-text.ts";

/** On a machine without UnoServer, soffice is started for each document: slower, and the same promise. */
const box = await testBox({}, ["office"], { unoserver: false });
const toPdf = { operation: "office.to-pdf" };

test("a document is converted", async () => {
  const outcome = await box.convert("letter.docx", toPdf);
  expect(doneOf(outcome).results[0]?.pages).toBe(1);
  expect(pdfText(outcome.results[0] ?? Buffer.alloc(0))).toContain("Dear reader");
  expect((await box.health()).office.driver).toBe("soffice");
});

test("import options and typed export options arrive", async () => {
  const csv = await box.convert("cities.csv", { ...toPdf, options: { pdfa: "2b" } });
  doneOf(csv);
  expect(pdfText(csv.results[0] ?? Buffer.alloc(0))).toContain("Köln");
});

test("pages are exactly those that were asked for, or refused", async () => {
  const one = await box.convert("slides.odp", { ...toPdf, options: { pages: "2" } });
  expect(doneOf(one).results[0]?.pages).toBe(1);
  expect(pdfText(one.results[0] ?? Buffer.alloc(0))).toContain("Slide 2");
  expect(codeOf(await box.convert("slides.odp", { ...toPdf, options: { pages: "4" } }))).toBe("pages-outside");
});

test("a document that does not end is killed at the deadline", async () => {
  expect(codeOf(await box.convert("endless.docx", { ...toPdf, deadlineMs: 3_000 }))).toBe("deadline-exceeded");
  doneOf(await box.convert("letter.docx", toPdf));
});
