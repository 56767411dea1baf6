import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { mayBeBlank } from "./may-be-blank.ts";

const packed = (text: string) =>
  Buffer.concat([Buffer.from("<</Filter/FlateDecode>>\nstream\n"), deflateSync(text), Buffer.from("\nendstream\n")]);
const map = (code: string) =>
  `begincmap\n1 begincodespacerange\n<00> <FF>\nendcodespacerange\n1 beginbfchar\n<01> <${code}>\nendbfchar\nendcmap`;

test.each([
  ["an empty page", "0.1 w q Q", true],
  ["a page of spaces", map("0020"), true],
  ["a drawing, at which somebody must look", "0 0 m 9 9 l S", true],
  ["a letter", map("0041"), false],
  ["a letter beyond the first plane", map("D835DC00"), false],
  ["a range of letters", "begincmap 1 beginbfrange <01> <05> <0041> endbfrange endcmap", false],
  ["an image in an object stream", "<</Type/XObject/Subtype/Image/Width 8>>", false],
])("%s", (_, stream, expected) => {
  expect(mayBeBlank(Buffer.concat([Buffer.from("%PDF-1.7\n"), packed("q Q"), packed(stream), Buffer.from("%%EOF")]))).toBe(expected);
});

test("an image that stands in the open", () => {
  expect(mayBeBlank(Buffer.from("%PDF-1.7\n1 0 obj <</Type /XObject /Subtype /Image>>\nendobj"))).toBe(false);
});
