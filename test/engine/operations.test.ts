import { describe, expect, test } from "vitest";
import { operations } from "#contract/operations/index.gen.ts";
import type { FixtureName } from "#test/fixtures/make.ts";
import { doneOf, testBox } from "./support/box.ts";
import { pdfText } from "./support/pdf-text.ts";

const box = await testBox();

describe.each(operations.map((operation) => ({ id: operation.id, examples: operation.examples })))("$id", ({ id, examples }) => {
  test.each(examples.map((example) => ({ ...example })))(
    "does what its example promises: $title",
    async ({ fixture, options, expect: promised }) => {
      // operations name fixtures by string, because the contract does not know the tests
      const outcome = await box.convert(fixture as FixtureName, { operation: id, options });
      const { results } = doneOf(outcome);
      expect(results).toHaveLength(promised.results);
      for (const [index, result] of results.entries()) {
        expect(result.content_type).toBe(promised.mime);
        expect(result.size).toBe(outcome.results[index]?.length);
      }
      if (promised.pages !== undefined) expect(results[0]?.pages).toBe(promised.pages);
      const bytes = outcome.results[0] ?? Buffer.alloc(0);
      if (promised.contains)
        expect(promised.mime === "application/pdf" ? pdfText(bytes) : bytes.toString("utf8")).toContain(promised.contains);
    },
  );
});

describe("every kind of document", () => {
  test.each([
    ["letter.docx", 1, "Dear reader"],
    ["letter.doc", 1, "Dear reader"],
    ["letter.odt", 1, "Dear reader"],
    ["letter.rtf", 1, "Dear reader"],
    ["letter.html", 1, "Dear reader"],
    ["letter.txt", 1, "Dear reader"],
    ["long.docx", 9, "Chapter 9"],
    ["table.xlsx", 1, "Total"],
    ["table.xls", 1, "Total"],
    ["cities.csv", 1, "Zürich"],
    ["slides.odp", 3, "Slide 3"],
    ["slides.pptx", 3, "Slide 3"],
  ] as const)("%s becomes a PDF of %i pages", async (name, pages, text) => {
    const outcome = await box.convert(name, { operation: "office.to-pdf" });
    expect(doneOf(outcome).results).toMatchObject([{ filename: `${name.split(".")[0]}.pdf`, pages }]);
    expect(pdfText(outcome.results[0] ?? Buffer.alloc(0))).toContain(text);
  });

  test("a PDF of twenty pages becomes twenty images and one text", async () => {
    const images = doneOf(await box.convert("twenty-pages.pdf", { operation: "pdf.to-images", options: { dpi: 36 } }));
    expect(images.results.map(({ filename }) => filename).slice(0, 2)).toEqual(["twenty-pages-01.png", "twenty-pages-02.png"]);
    expect(images.results).toHaveLength(20);
    const text = await box.convert("twenty-pages.pdf", { operation: "pdf.to-text" });
    expect(text.results[0]?.toString("utf8")).toContain("Page 20");
  });
});
