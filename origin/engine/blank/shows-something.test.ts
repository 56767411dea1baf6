import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { docx, html, odt, rtf, xlsx } from "#test/fixtures/documents.ts";
import { zip } from "#test/fixtures/zip.ts";
import { showsSomething } from "./shows-something.ts";

const folder = mkdtempSync(join(tmpdir(), "shows-"));
afterAll(() => rmSync(folder, { recursive: true }));
let made = 0;
const shows = (bytes: string | Uint8Array, type = "") => {
  const path = join(folder, `${made++}`);
  writeFileSync(path, bytes);
  const text = type ? { text: { charset: "utf-8" as const, head: bytes.toString() } } : {};
  return showsSomething({ path, type, ...text });
};
const word = (body: string, more = {}) =>
  zip({ "[Content_Types].xml": "", "word/document.xml": `<w:document>${body}</w:document>`, ...more });
const sheet = (cells: string, more = {}) =>
  zip({ "xl/worksheets/sheet1.xml": `<worksheet><sheetData>${cells}</sheetData></worksheet>`, ...more });
const content = (body: string, styles = "") => zip({ "content.xml": `<a><office:body>${body}</office:body></a>`, "styles.xml": styles });

test.each([
  ["a Word document", docx([["Hello"]])],
  ["a Word document made of a chunk of HTML", word('<w:altChunk r:id="r1"/>')],
  ["a Word document with a picture", word('<a:blip r:embed="r1"/>')],
  ["a sheet", xlsx([["Hello"]])],
  ["a sheet of numbers", xlsx([[7]])],
  ["a sheet of shared texts", sheet('<c r="A1" t="s"><v>0</v></c>', { "xl/sharedStrings.xml": "<sst><si><t>Hello</t></si></sst>" })],
  ["a slide", zip({ "ppt/slides/slide1.xml": "<a:p><a:r><a:t>Hello</a:t></a:r></a:p>" })],
  ["an OpenDocument text", odt(["Hello"])],
  ["an OpenDocument picture", content('<draw:image xlink:href="Pictures/a.png"/>')],
  ["an RTF", rtf(["Hello"])],
  ["an HTML page", html(["Hello"]), "text/html"],
  ["a picture in an HTML page", '<body><img alt="" src="data:image/png;base64,AAAA"></body>', "text/html"],
  ["a text", "Hello", "text/plain"],
])("%s shows something", async (_, bytes, type?) => {
  expect(await shows(bytes, type)).toBe(true);
});

test.each([
  ["an empty Word document", docx([[""]])],
  ["hidden text of Word", word("<w:r><w:rPr><w:vanish/></w:rPr><w:t>Hidden</w:t></w:r>")],
  ["text of Word in a hidden style", word("<w:t>Hidden</w:t>", { "word/styles.xml": "<w:styles><w:rPr><w:vanish/></w:rPr></w:styles>" })],
  ["a picture that nobody placed", word("", { "word/media/a.png": "x" })],
  ["a picture that lies elsewhere", word('<a:blip r:link="r1"/>')],
  ["an empty sheet", xlsx([])],
  ["shared texts that no cell uses", sheet("", { "xl/sharedStrings.xml": "<sst><si><t>Hello</t></si></sst>" })],
  ["a hidden row", sheet('<row hidden="1"><c t="inlineStr"><is><t>Hidden</t></is></c></row>')],
  [
    "a sheet with an area to print",
    sheet("<c><v>7</v></c>", { "xl/workbook.xml": '<definedName name="_xlnm.Print_Area">S!$B$1</definedName>' }),
  ],
  ["an empty OpenDocument text", odt([""])],
  ["a comment on an empty page", content("<office:annotation><text:p>Hello</text:p></office:annotation>")],
  ["the notes of an empty slide", content("<presentation:notes><text:p>Hello</text:p></presentation:notes>")],
  ["hidden text of OpenDocument", content("<text:p>Hidden</text:p>", '<style:text-properties text:display="none"/>')],
  ["an RTF of fonts alone", rtf([])],
  ["what an RTF lets a reader skip", "{\\rtf1{\\*\\unknown Hello {nested}}\\par}"],
  ["hidden text of RTF", "{\\rtf1\\v Hidden\\v0\\par}"],
  ["a script", "<title>Hello</title><script>document.write('Hello')</script><!-- Hello -->&nbsp;", "text/html"],
  ["separators", ",,;\n", "text/csv"],
  ["a binary document, which is not read here", Buffer.from("d0cf11e0a1b11ae148656c6c6f", "hex")],
])("%s shows nothing", async (_, bytes, type?) => {
  expect(await shows(bytes, type)).toBe(false);
});
