import { deflateSync } from "node:zlib";
import { forms, objectStream } from "../make/pdf-bombs.ts";
import { catalog, type PdfObject, page, pagesOf, rawPdf, saying } from "../make/raw-pdf.ts";
import { type Row, toImages, toText } from "../row.ts";

const tooMuch = { refused: ["input-too-complex"] } as const;
const timeOrLimit = {
  refused: ["deadline-exceeded", "input-too-complex"],
  because: "a limit of time, which of them depends on the machine",
} as const;
const filename = "a.pdf";
const deflated = (dictionary: string, stream: string | Buffer): PdfObject => ({
  dictionary: `${dictionary} /Filter /FlateDecode`,
  stream: deflateSync(stream),
});
const oversized = (side: number) => () => rawPdf([catalog, pagesOf("3 0 R", 1), page("", `0 0 ${side} ${side}`)]);
const kids = (count: number, first: number) => Array.from({ length: count }, (_, index) => `${first + index} 0 R`).join(" ");
const emptyPages = () =>
  rawPdf([
    catalog,
    pagesOf(kids(100_000, 3), 100_000),
    ...Array.from({ length: 100_000 }, () => "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"),
  ]);

export const pdfBombs: readonly Row[] = [
  {
    title: "100,000 empty pages, as text",
    filename,
    file: emptyPages,
    ...toText,
    ...tooMuch,
    succeeded: { results: 1 },
    because: "empty pages cost little, and are no reason by themselves",
  },
  {
    title: "100,000 empty pages, as images",
    filename,
    file: emptyPages,
    ...toImages,
    ...tooMuch,
  },
  {
    title: "100,000 references to one page",
    filename,
    file: () => rawPdf([catalog, pagesOf("3 0 R ".repeat(100_000), 100_000), page()]),
    ...toText,
    refused: ["input-damaged", "input-too-complex"],
    because: "Poppler counts objects; it is also too many pages",
  },
  {
    title: "3,000 pages, as images",
    filename,
    file: () => rawPdf([catalog, pagesOf(kids(3_000, 3), 3_000), ...Array.from({ length: 3_000 }, () => page())]),
    ...toImages,
    ...tooMuch,
  },
  { title: "a page of 50,000 × 50,000 points, as an image", filename, file: oversized(50_000), ...toImages, ...tooMuch },
  { title: "a page of 14,400 × 14,400 points, as an image", filename, file: oversized(14_400), ...toImages, ...tooMuch },
  {
    title: "a page of 50,000 × 50,000 points that says something, as text",
    filename,
    file: () =>
      rawPdf([...saying("Far away")].map((object) => (typeof object === "string" ? object.replace("595 842", "50000 50000") : object))),
    ...toText,
    succeeded: { contains: "Far away" },
  },
  {
    title: "a page of no size, as an image",
    filename,
    file: () => rawPdf([catalog, pagesOf("3 0 R", 1), page("", "0 0 0 0")]),
    ...toImages,
    refused: ["input-damaged", "conversion-failed", "result-invalid"],
    succeeded: { results: 1 },
    because: "readers take a standard size instead",
  },
  {
    title: "forms that draw each other a billion times, as an image",
    filename,
    file: () => forms(9),
    ...toImages,
    ...timeOrLimit,
    slow: true,
  },
  { title: "forms that draw each other a billion times, as text", filename, file: () => forms(9), ...toText, ...timeOrLimit },
  {
    title: "a content stream that inflates to 200 MB, as an image",
    filename,
    file: () => rawPdf([catalog, pagesOf("3 0 R", 1), page("/Contents 4 0 R"), deflated("", "0 0 m 1 1 l S\n".repeat(14_000_000))]),
    ...toImages,
    refused: timeOrLimit.refused,
    succeeded: { results: 1 },
    because: "a fast machine draws it within the deadline",
    slow: true,
  },
  {
    title: "a content stream of 100 MB of nothing, as text",
    filename,
    file: () => rawPdf([catalog, pagesOf("3 0 R", 1), page("/Contents 4 0 R"), deflated("", Buffer.alloc(100_000_000, 0x20))]),
    ...toText,
    refused: timeOrLimit.refused,
    succeeded: { results: 1 },
    slow: true,
    because: "a reader skips it, and then it is an empty page",
  },
  {
    title: "an object stream that inflates to 200 MB",
    filename,
    file: () => objectStream(200),
    ...toText,
    refused: ["input-too-complex", "deadline-exceeded", "input-damaged", "scan-incomplete"],
    succeeded: { results: 1 },
    because: "a reader may skip the tail that no object lies in",
  },
  {
    title: "a stream filtered a hundred times",
    filename,
    file: () =>
      rawPdf([
        catalog,
        pagesOf("3 0 R", 1),
        page("/Contents 4 0 R"),
        { dictionary: `/Filter [${"/ASCIIHexDecode ".repeat(100)}]`, stream: "00>" },
      ]),
    ...toText,
    refused: ["input-damaged", "input-too-complex"],
    succeeded: { results: 1 },
    because: "the page is empty to a reader that gives up on the stream",
  },
  {
    title: "dictionaries nested 100,000 deep",
    filename,
    file: () => rawPdf([catalog.replace(">>", `/X ${"[".repeat(100_000)}${"]".repeat(100_000)} >>`), pagesOf("3 0 R", 1), page()]),
    ...toText,
    refused: ["input-damaged", "input-too-complex", "engine-crashed", "conversion-failed"],
    succeeded: { results: 1 },
    because: "readers stop at a depth of their own",
  },
  {
    title: "an image of 60,000 × 60,000 in a page",
    filename,
    file: () =>
      rawPdf([
        catalog,
        pagesOf("3 0 R", 1),
        page("/Resources << /XObject << /I 4 0 R >> >> /Contents 5 0 R"),
        deflated(
          "/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceGray /BitsPerComponent 1",
          Buffer.alloc(20_000_000),
        ),
        { dictionary: "", stream: "500 0 0 500 0 0 cm /I Do" },
      ]),
    ...toImages,
    options: { dpi: 36 },
    refused: ["input-too-complex", "deadline-exceeded", "conversion-failed"],
    succeeded: { results: 1 },
    because: "a reader scales it down line by line, or its memory ends",
  },
];
