import { expect, test } from "vitest";
import { resultName, stemOf } from "./stem.ts";

test.each([
  ["report.docx", "report"],
  ["archive.tar.gz", "archive.tar"],
  ["../../etc/passwd", "passwd"],
  ["C:\\files\\a.doc", "a"],
  [".docx", "docx"],
  ["..", "document"],
  ["", "document"],
  ["a\u0007b.txt", "a_b"],
  ["name with a long.ending of words", "name with a long.ending of words"],
])("the stem of %j is %j", (name, stem) => {
  expect(stemOf(name)).toBe(stem);
});

test("a stem leaves room for a page number and an extension in 255 bytes", () => {
  expect(Buffer.byteLength(resultName(`${stemOf(`${"é".repeat(300)}.docx`)}-0001.tiff`))).toBeLessThanOrEqual(255);
});
