import { describe, expect, test } from "vitest";
import { fixtureNames } from "#test/fixtures/make.ts";
import { codeOf, doneOf, testBox, warningsOf } from "./support/box.ts";
import { pdfText } from "./support/pdf-text.ts";

const box = await testBox({ BOX_INPUT_BYTES_MAX: "1000000" });
const toPdf = { operation: "office.to-pdf" };

describe("a bad input is refused by name", () => {
  test.each([
    ["image-as.docx", toPdf, "input-type-mismatch"],
    ["random.docx", toPdf, "input-type-mismatch"],
    ["truncated.docx", toPdf, "input-damaged"],
    ["empty.docx", toPdf, "file-empty"],
    ["encrypted.docx", toPdf, "input-encrypted"],
    ["two-pages.pdf", toPdf, "input-type-unsupported"],
    ["image.png", toPdf, "input-type-unsupported"],
    ["damaged.pdf", { operation: "pdf.to-text" }, "input-damaged"],
    ["damaged.pdf", { operation: "pdf.to-images" }, "input-damaged"],
    ["encrypted.pdf", { operation: "pdf.to-text" }, "input-encrypted"],
    ["encrypted.pdf", { operation: "pdf.to-images" }, "input-encrypted"],
    ["letter.docx", { ...toPdf, options: { pages: "2" } }, "pages-outside"],
    ["slides.odp", { ...toPdf, options: { pages: "2-4" } }, "pages-outside"],
    ["two-pages.pdf", { operation: "pdf.to-text", options: { pages: "3-" } }, "pages-outside"],
    ["two-pages.pdf", { operation: "pdf.to-images", options: { pages: "1,3" } }, "pages-outside"],
    ["letter.docx", { ...toPdf, options: { pages: "3-1" } }, "options-invalid"],
    ["letter.docx", { operation: "office.to-nothing" }, "operation-unknown"],
  ] as const)("%s for %o is %s", async (name, send, code) => {
    expect(codeOf(await box.convert(name, send))).toBe(code);
  });

  test("every fixture ends with results or a problem that names the client's fault", async () => {
    for (const name of fixtureNames.filter((each) => each !== "endless.docx")) {
      for (const operation of ["office.to-pdf", "pdf.to-text"]) {
        const { last } = await box.convert(name, { operation });
        if (last.event === "problem") expect(last.problem, `${name} ${operation}`).toMatchObject({ status: 422, retry: "never" });
      }
    }
  });

  test("an input above the cap is refused, and the sender gets to read why", async () => {
    const task = await box.open();
    const answer = await box.put(task, Buffer.alloc(1_000_001, "a"));
    expect(box.problemOf(answer.body).code).toBe("file-too-large");
    await box.call("DELETE", `/tasks/${task}`);
  });
});

describe("what can be read is converted", () => {
  test("a document under a related name, with a warning", async () => {
    const outcome = await box.convert("rtf-as.doc", toPdf);
    expect(doneOf(outcome).content_type).toBe("application/rtf");
    expect(warningsOf(outcome).map(({ code }) => code)).toContain("type-differs");
  });

  test("a PDF that Poppler can repair", async () => {
    const outcome = await box.convert("repairable.pdf", { operation: "pdf.to-text" });
    expect(outcome.results[0]?.toString()).toContain("Page 2");
  });

  test("a file without a name, by its content", async () => {
    expect(doneOf(await box.convert("letter.docx", { ...toPdf, filename: "" })).results[0]?.filename).toBe("document.pdf");
  });

  test.each([
    ["../../etc/passwd.docx", "passwd.pdf"],
    ["a\u0000b\u202ec.docx", "a_b_c.pdf"],
    [`${"n".repeat(300)}.docx`, `${"n".repeat(200)}.pdf`],
    ["✅ Übersicht 👩‍👩‍👧.docx", "✅ Übersicht 👩‍👩‍👧.pdf"],
    [`${"👩‍👩‍👧".repeat(60)}.docx`, `${"👩‍👩‍👧".repeat(11)}.pdf`],
    ["...docx", "document.pdf"],
  ])("the result of %j has the safe name %j", async (filename, expected) => {
    expect(doneOf(await box.convert("letter.docx", { ...toPdf, filename, contentType: "" })).results[0]?.filename).toBe(expected);
  });

  test("exactly the pages that were asked for", async () => {
    for (const [pages, present, absent] of [
      ["2", "Slide 2", "Slide 1"],
      ["2-", "Slide 3", "Slide 1"],
      ["1,3", "Slide 3", "Slide 2"],
    ] as const) {
      const text = pdfText((await box.convert("slides.odp", { ...toPdf, options: { pages } })).results[0] ?? Buffer.alloc(0));
      expect(text).toContain(present);
      expect(text).not.toContain(absent);
    }
  });

  test("what an input carries is told, also of one that is refused", async () => {
    expect(doneOf(await box.convert("letter.docx", toPdf)).traits).toEqual([]);
    const { last } = await box.convert("encrypted.docx", toPdf);
    expect(last).toMatchObject({ event: "problem", traits: ["encrypted"] });
  });

  test("a substituted font is told", async () => {
    const warnings = warningsOf(await box.convert("letter.docx", toPdf));
    expect(warnings).toContainEqual({ code: "font-substituted", detail: "Calibri was replaced by Carlito." });
  });
});
