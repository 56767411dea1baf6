// PDFs that lie, loop and reach out.
import { readFile } from "node:fs/promises";
import { fixture } from "#test/fixtures/make.ts";
import { pdf } from "#test/fixtures/pdf.ts";
import { catalog, helvetica, page, pagesOf, rawPdf, saying } from "../make/raw-pdf.ts";
import { type Row, toImages, toText } from "../row.ts";

const damaged = { refused: ["input-damaged"] } as const;
const filename = "a.pdf";

const brokenPage = "a reader that mends it finds a page";

export const pdfs: readonly Row[] = [
  {
    title: "a page tree that contains itself",
    filename,
    file: () => rawPdf([catalog, pagesOf("2 0 R", 1)]),
    ...toText,
    refused: ["input-damaged", "result-invalid"],
    because: "Poppler may count a page that is not there, and then the audit misses it",
  },
  {
    title: "a page tree that loops through its second level",
    filename,
    file: () => rawPdf([catalog, pagesOf("3 0 R 4 0 R", 3), pagesOf("2 0 R", 2), page()]),
    ...toText,
    refused: ["input-damaged", "conversion-failed", "result-invalid"],
    succeeded: { results: 1 },
    because: brokenPage,
  },
  {
    title: "a form that draws itself",
    filename,
    file: () =>
      rawPdf([
        catalog,
        pagesOf("3 0 R", 1),
        page("/Resources << /XObject << /X 6 0 R >> >> /Contents 5 0 R"),
        helvetica,
        { dictionary: "", stream: "/X Do" },
        { dictionary: "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >>", stream: "/X Do /X Do" },
      ]),
    ...toImages,
    succeeded: { results: 1 },
  },
  {
    title: "a length that names its own object",
    filename,
    file: () => rawPdf([catalog, pagesOf("3 0 R", 1), page("/Contents 4 0 R"), "<< /Length 4 0 R >>\nstream\nBT ET\nendstream"]),
    ...toText,
    refused: ["input-damaged"],
    succeeded: { results: 1 },
    because: brokenPage,
  },
  { title: "no pages", filename, file: () => rawPdf([catalog, pagesOf("", 0)]), ...toText, ...damaged },
  { title: "no pages, as images", filename, file: () => rawPdf([catalog, pagesOf("", 0)]), ...toImages, ...damaged },
  { title: "no catalog", filename, file: () => rawPdf(["<< /Type /Nothing >>"]), ...toText, ...damaged },
  { title: "a header and nothing else", filename, file: () => Buffer.from("%PDF-1.7\n"), ...toText, ...damaged },
  {
    title: "a page count of two billion for one page",
    filename,
    file: () => rawPdf([catalog, pagesOf("3 0 R", 2_147_483_647), page()]),
    ...toText,
    refused: ["input-damaged", "input-too-complex"],
    because: "it is not true, and it would be too much",
  },
  {
    title: "a negative page count",
    filename,
    file: () => rawPdf([catalog, pagesOf("3 0 R", -5), page()]),
    ...toText,
    refused: ["input-damaged"],
    succeeded: { results: 1 },
    because: brokenPage,
  },
  {
    title: "a cross-reference table that points nowhere",
    filename,
    file: () => rawPdf(saying("Mended"), { startxref: 7 }),
    ...toText,
    succeeded: { contains: "Mended" },
  },
  {
    title: "a cross-reference table that is its own predecessor",
    filename,
    file: () => {
      const whole = rawPdf(saying("Looping"));
      return rawPdf(saying("Looping"), { trailer: `/Prev ${whole.lastIndexOf("xref\n0")}` });
    },
    ...toText,
    refused: ["input-damaged"],
    succeeded: { contains: "Looping" },
    because: "a reader may stop at the second visit",
  },
  {
    title: "a cross-reference table far beyond the end",
    filename,
    file: () => rawPdf(saying("Mended"), { startxref: 2_000_000_000 }),
    ...toText,
    succeeded: { contains: "Mended" },
  },
  {
    title: "a thousand bytes of garbage in front of a PDF",
    filename,
    file: () => Buffer.concat([Buffer.alloc(1_000, 1), pdf(["Late"])]),
    ...toText,
    refused: ["input-type-mismatch", "input-damaged"],
    succeeded: { contains: "Late" },
    because: "ISO 32000 lets readers accept a header in the first 1,024 bytes",
  },
  {
    title: "garbage behind a PDF",
    filename,
    file: () => Buffer.concat([pdf(["Early"]), Buffer.alloc(5_000, 7)]),
    ...toText,
    succeeded: { contains: "Early" },
  },
  {
    title: "a script that runs on open",
    filename,
    file: () => rawPdf(saying("Still", "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>")),
    ...toText,
    succeeded: { contains: "Still", lacks: ["app.alert"] },
  },
  {
    title: "an action that starts a program",
    filename,
    file: () => rawPdf(saying("Still", "/OpenAction << /S /Launch /F (/bin/sh) >>")),
    ...toImages,
    succeeded: { results: 1 },
  },
  {
    title: "a stream whose bytes are another file",
    filename,
    file: ({ secretPath }) =>
      rawPdf([catalog, pagesOf("3 0 R", 1), page("/Contents 4 0 R"), { dictionary: `/F (${secretPath})`, stream: "" }]),
    ...toText,
    refused: ["input-damaged"],
    succeeded: { results: 1 },
    because: brokenPage,
  },
  {
    title: "an image that lives at an address",
    filename,
    file: ({ urls }) =>
      rawPdf([
        catalog,
        pagesOf("3 0 R", 1),
        page("/Resources << /XObject << /I 4 0 R >> >> /Contents 5 0 R"),
        {
          dictionary: `/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /F << /FS /URL /F (${urls[0]}) >>`,
          stream: "",
        },
        { dictionary: "", stream: "/I Do" },
      ]),
    ...toImages,
    succeeded: { results: 1 },
  },
  {
    title: "repairable.pdf",
    filename: "repairable.pdf",
    file: async () => readFile(await fixture("repairable.pdf")),
    ...toImages,
    succeeded: { results: 2 },
  },
  {
    title: "a PDF without a single word, as text",
    filename,
    file: () => rawPdf([catalog, pagesOf("3 0 R", 1), page()]),
    ...toText,
    succeeded: { results: 1 },
  },
];
