import { expect, test } from "vitest";
import { memorySource } from "./container/byte-source.ts";
import { realContent } from "./real-content.ts";
import { readText } from "./text.ts";

async function contentOf(bytes: string | Buffer) {
  const source = memorySource(Buffer.from(bytes));
  return { content: await realContent(source), text: await readText(source) };
}

const flat =
  '<?xml version="1.0"?>\n<!-- x -->\n<office:document xmlns:office="o" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">';

test.each([
  ["%PDF-1.7\n", "application/pdf"],
  ["junk\0\n%PDF-1.7\n", "application/pdf"],
  ["{\\rtf1 x}", "application/rtf"],
  [flat, "application/vnd.oasis.opendocument.text-flat-xml"],
  [Buffer.from("89504e470d0a1a0a00", "hex"), "image/png"],
  ["about %PDF-1.7 in a text", undefined],
  ["<html><body>", undefined],
  ["", undefined],
])("%j is %s by its bytes", async (bytes, mime) => {
  expect((await contentOf(bytes)).content.type?.mime).toBe(mime);
});

test("a zip without a directory is damaged", async () => {
  expect((await contentOf(Buffer.from("504b030400000000", "hex"))).content).toEqual({ container: "zip-damaged" });
});

test.each([
  ["Köln", "utf-8"],
  [Buffer.from("K\xf6ln", "latin1"), "windows-1252"],
  [Buffer.concat([Buffer.alloc(70_000, "a"), Buffer.from("K\xf6ln", "latin1")]), "windows-1252"],
  [Buffer.from("\ufeffKöln", "utf16le"), "utf-16le"],
  [Buffer.from("\ufeffKöln", "utf16le").swap16(), "utf-16be"],
  ["\ufeffKöln", "utf-8"],
])("the character set of text is told (%#)", async (bytes, charset) => {
  expect((await contentOf(bytes)).text?.charset).toBe(charset);
});

test.each([[Buffer.from("a\0b")], [Buffer.from([0x61, 0x01, 0x62])], [Buffer.concat([Buffer.alloc(2_000_000, "a"), Buffer.from([0])])]])(
  "bytes that no text has make it none (%#)",
  async (bytes) => {
    expect((await contentOf(bytes)).text).toBeUndefined();
  },
);

test.each([
  ["<!DOCTYPE html>\n<p>x", true],
  ["\ufeff<?xml version='1.0'?><html xmlns='x'>", true],
  ["<p>fragment</p>", false],
])("%j is a page of HTML: %s", async (bytes, html) => {
  expect((await contentOf(bytes)).text?.html).toBe(html);
});
