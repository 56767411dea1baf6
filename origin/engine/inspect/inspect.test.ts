import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Trait } from "#contract/jobs.ts";
import { mediaTypes } from "#contract/media.ts";
import { Problem } from "#contract/problems.ts";
import { craftedCfb } from "#test/fixtures/crafted-cfb.ts";
import { craftedZip } from "#test/fixtures/crafted-zip.ts";
import { docx, html, odt, rtf } from "#test/fixtures/documents.ts";
import { png } from "#test/fixtures/odd-bytes.ts";
import { pdf } from "#test/fixtures/pdf.ts";
import { inspect } from "./inspect.ts";

const folder = mkdtempSync(join(tmpdir(), "inspect-"));
afterAll(() => rmSync(folder, { recursive: true }));
const accepts = mediaTypes.map(({ mime }) => mime);

async function outcome(filename: string, bytes: string | Uint8Array): Promise<{ end: string | undefined; traits: Trait[] }> {
  const path = join(folder, "input");
  writeFileSync(path, bytes);
  const traits = new Set<Trait>();
  const options = { name: { filename, contentType: "" }, accepts, limits: { memberBytesMax: 30_000_000 }, traits };
  const end = await inspect(path, options).then(
    ({ type }) => type.extensions[0],
    (error: unknown) => (error instanceof Problem ? error.code : Promise.reject(error)),
  );
  return { end, traits: [...traits].sort() };
}

const laughs = '<!DOCTYPE a [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]>';
const flat = (prolog: string) =>
  `<?xml version="1.0"?>${prolog}<office:document xmlns:office="o" office:mimetype="application/vnd.oasis.opendocument.text"></office:document>`;
const huge = () => {
  const bytes = png(2, 2);
  bytes.writeUInt32BE(60_000, 16);
  bytes.writeUInt32BE(60_000, 20);
  return bytes;
};
const duplicate = { name: "[Content_Types].xml", content: "<Types/>" };

test.each([
  ["a.docx", docx([["x"]]), "docx"],
  ["a.odt", odt(["x"]), "odt"],
  ["a.rtf", rtf(["x"]), "rtf"],
  ["a.html", html(["x"]), "html"],
  ["a.pdf", pdf(["x"]), "pdf"],
  ["a.png", png(8, 8), "png"],
  ["a.fodt", flat(""), "fodt"],
  ["a.txt", "<a> is a tag", "txt"],
  ["a.rtf", `${rtf(["x"])}}}}`, "rtf"],
  ["a.rtf", "{\\rtf1 \\{ \\bin3 {{{ text\\'7b}", "rtf"],
])("%s passes (%#)", async (filename, bytes, extension) => {
  expect(await outcome(filename, bytes)).toEqual({ end: extension, traits: [] });
});

test.each([
  ["a.fodt", flat(laughs), "input-too-complex"],
  ["a.svg", `${laughs}<svg>&b;</svg>`, "input-too-complex"],
  ["a.rtf", rtf(["x"]).slice(0, -4), "input-damaged"],
  ["a.rtf", "{\\rtf1 ".repeat(1_001), "input-too-complex"],
  ["a.pdf", "%PDF-1.7\n", "input-damaged"],
  ["a.png", huge(), "input-too-complex"],
  ["a.png", png(8, 8).subarray(0, 12), "input-damaged"],
  ["a.docx", craftedZip([duplicate, duplicate]), "input-damaged"],
  ["a.doc", craftedCfb([]).subarray(0, 600), "input-damaged"],
  ["a.pdf", craftedZip([duplicate, duplicate]), "input-type-mismatch"],
  ["a.docx", Buffer.concat([docx([["x"]]), Buffer.from("more")]), "input-damaged"],
  ["a.docx", docx([["x"]]).subarray(0, 300), "input-damaged"],
  ["a.txt", docx([["x"]]).subarray(0, 300), "input-type-mismatch"],
])("%s is refused (%#)", async (filename, bytes, code) => {
  expect((await outcome(filename, bytes)).end).toBe(code);
});

test.each<[string, string | Uint8Array, Trait[]]>([
  ["a.pdf", Buffer.concat([pdf(["x"]), Buffer.from("/EmbeddedFile /JavaScript")]), ["embedded-objects", "macros"]],
  ["a.pdf", Buffer.concat([pdf(["x"]), docx([["x"]])]), ["archives"]],
  ["a.html", html(['<img src="http://example.org/a.png">']), ["external-references"]],
  ["a.html", html(['<a href="http://example.org/">x</a>', '<img src="a.png">', '<img src="data:x">']), []],
  ["a.fodt", flat("").replace("></", "><s:x xmlns:s='s'><s:source-code>Sub Main</s:source-code></s:x></"), ["macros"]],
  ["a.rtf", "{\\rtf1 {\\object\\objemb{\\*\\objclass Package}}}", ["embedded-objects", "executables"]],
  ["a.rtf", '{\\rtf1 {\\field{\\*\\fldinst INCLUDEPICTURE "http://example.org/a.png"}}}', ["external-references"]],
])("what %s carries is noted (%#)", async (filename, bytes, traits) => {
  expect((await outcome(filename, bytes)).traits).toEqual(traits);
});

test("a refused file has its traits too", async () => {
  const bytes = craftedZip([duplicate, { name: "word/vbaProject.bin", content: "x" }, { name: "word/a.xml", content: `${laughs}<a/>` }]);
  expect(await outcome("a.docm", bytes)).toEqual({ end: "input-too-complex", traits: ["macros"] });
});
