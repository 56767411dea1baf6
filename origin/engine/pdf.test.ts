import { expect, test } from "vitest";
import { parsePdfInfo } from "./pdf.ts";

test("pages and their sizes are read as they are seen, turned ones too", () => {
  const each =
    "Pages:           2\nPage    1 size:  595 x 842 pts (A4)\nPage    1 rot:   0\nPage    2 size:  1191.2 x 842 pts\nPage    2 rot:   90\n";
  const sizes = [
    { widthPt: 595, heightPt: 842 },
    { widthPt: 842, heightPt: 1191.2 },
  ];
  expect(parsePdfInfo(each)).toEqual({ pages: 2, widthPt: 842, heightPt: 1191.2, sizes });
});

test("a document without pages has no facts", () => {
  expect(parsePdfInfo("Pages:           0\n")).toBeUndefined();
});
