import { expect, test } from "vitest";
import { parsePdfInfo } from "./pdf.ts";

test("pages and the largest size are read, whichever way pdfinfo was asked", () => {
  expect(parsePdfInfo("Title: x\nPages:           2\nPage size:       595 x 842 pts (A4)\n")).toEqual({
    pages: 2,
    widthPt: 595,
    heightPt: 842,
  });
  const each = "Pages:           2\nPage    1 size:  595 x 842 pts (A4)\nPage    1 rot:   0\nPage    2 size:  1191.2 x 842 pts\n";
  expect(parsePdfInfo(each)).toEqual({ pages: 2, widthPt: 1191.2, heightPt: 842 });
});

test("a document without pages has no facts", () => {
  expect(parsePdfInfo("Pages:           0\n")).toBeUndefined();
});
