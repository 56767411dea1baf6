// LibreOffice makes an empty page of what it does not understand, and calls that a success.
import { describe, expect, test } from "vitest";
import { docx, html, odp, odt, xlsx } from "#test/fixtures/documents.ts";
import { png } from "#test/fixtures/odd-bytes.ts";
import { zip } from "#test/fixtures/zip.ts";
import { docxOf, flatOdf, odfOf, paragraph, picture, xlsxMembers } from "#test/hostile/make/office.ts";
import { testBox } from "./support/box.ts";

const box = await testBox({}, ["office", "light"]);

async function outcome(filename: string, bytes: Uint8Array | string, options = {}): Promise<string> {
  const task = await box.open();
  await box.put(task, Buffer.from(bytes as Uint8Array));
  const last = (await box.run(task, { operation: "office.to-pdf", filename, options })).at(-1);
  await box.call("DELETE", `/tasks/${task}`);
  return last?.event === "problem" ? last.problem.code : `${last?.event}`;
}

const moved = (members: Record<string, string | Uint8Array>, from: string, to: string) =>
  zip(Object.fromEntries(Object.entries(members).map(([name, content]) => [name === from ? to : name, content])));
const chunk = {
  relations: [{ id: "r1", type: "aFChunk", target: "chunk.html" }],
  parts: { "word/chunk.html": html(["Hello"]) },
  defaults: { html: "text/html" },
};
const cells = '<sheetData><row><c t="inlineStr"><is><t>Hello</t></is></c></row></sheetData>';

describe("a blank result of a document that is not blank is refused", () => {
  test.each([
    ["a chunk of HTML", "a.docx", docxOf('<w:altChunk r:id="r1"/>', chunk)],
    ["text outside of a paragraph", "a.docx", docxOf("<w:t>Hello</w:t>")],
    [
      "a picture that cannot be read",
      "a.docx",
      docxOf(picture("r1", "embed"), {
        relations: [{ id: "r1", type: "image", target: "media/a.png" }],
        parts: { "word/media/a.png": "no" },
      }),
    ],
    ["a sheet that is not where it should be", "a.xlsx", moved(xlsxMembers(cells), "xl/worksheets/sheet1.xml", "xl/worksheets/other.xml")],
    [
      "a slide of unknown elements",
      "a.odp",
      odfOf(
        "presentation",
        '<draw:page draw:name="p"><draw:frame><draw:unknown><text:p>Hello</text:p></draw:unknown></draw:frame></draw:page>',
      ),
    ],
    ["a flat text of unknown elements", "a.fodt", flatOdf("text", "<text:unknown>Hello</text:unknown>")],
  ])("%s: %s", async (_, filename, bytes) => {
    expect(await outcome(filename, bytes)).toBe("result-invalid");
  });

  test("as PDF/A too", async () => {
    expect(await outcome("a.docx", docxOf("<w:t>Hello</w:t>"), { pdfa: "2b" })).toBe("result-invalid");
  });
});

describe("what is blank, or shows little, is converted", () => {
  test.each([
    ["a blank text", "a.docx", docx([[""], [""], [""]])],
    ["a blank OpenDocument text", "a.odt", odt([])],
    ["a blank sheet", "a.xlsx", xlsx([])],
    ["blank slides", "a.odp", odp(["", ""])],
    ["a text of spaces", "a.txt", "  \n\n"],
    ["hidden text", "a.docx", docxOf("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>Hidden</w:t></w:r></w:p>")],
    ["white text", "a.docx", docxOf('<w:p><w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>White</w:t></w:r></w:p>')],
    ["a page that a script would write", "a.html", "<!DOCTYPE html><html><body><script>document.write('Hello')</script></body></html>"],
    [
      "a thin line",
      "a.odg",
      odfOf("graphics", '<draw:page draw:name="Page 1"><draw:line svg:x1="2cm" svg:y1="2cm" svg:x2="5cm" svg:y2="2cm"/></draw:page>'),
    ],
    [
      "a picture",
      "a.docx",
      docxOf(picture("r1", "embed"), {
        relations: [{ id: "r1", type: "image", target: "media/a.png" }],
        parts: { "word/media/a.png": png(8, 8) },
      }),
    ],
  ])("%s: %s", async (_, filename, bytes) => {
    expect(await outcome(filename, bytes)).toBe("done");
  });

  test("a blank page of a document that has others", async () => {
    const pages = docxOf(`${paragraph("Hello")}<w:p><w:pPr><w:pageBreakBefore/></w:pPr></w:p>`);
    expect(await outcome("a.docx", pages, { pages: "2" })).toBe("done");
  });
});
