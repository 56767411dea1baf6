// Scripts, names and page ranges at their edges: what must be right, not refused.
import { readFile } from "node:fs/promises";
import { docx, html, odt } from "#test/fixtures/documents.ts";
import { type FixtureName, fixture } from "#test/fixtures/make.ts";
import { pdf } from "#test/fixtures/pdf.ts";
import { type Facts, type Row, toImages, toPdf, toText } from "../row.ts";

const letter = () => docx([["Dear reader"]]);
const says = (title: string, text: string, contains = text): Row => ({
  title,
  filename: "a.docx",
  file: () => docx([[`Begin ${text} end`]]),
  ...toPdf,
  succeeded: { pages: 1, contains },
});

export const texts: readonly Row[] = [
  says("Cyrillic and Greek", "Привет κόσμε"),
  says("Hebrew, right to left", "שלום", "Begin"),
  says("Arabic, right to left and joined", "مرحبا بالعالم", "Begin"),
  says("Chinese, Japanese and Korean", "漢字 かな 한글", "Begin"),
  says("emoji, also joined ones", "🎉 👩‍👩‍👧‍👦 🏳️‍🌈", "Begin"),
  says("combining marks, a hundred on one letter", `a${"\u0301".repeat(100)}`, "Begin"),
  says("direction overrides", "abc\u202edef\u202c", "Begin"),
  says("zero-width and soft characters", "a\u200bb\u00adc\ufeffd", "Begin"),
  {
    title: "a word of 100,000 letters",
    filename: "a.docx",
    file: () => docx([["w".repeat(100_000)]]),
    ...toPdf,
    succeeded: { contains: "wwww" },
  },
  {
    title: "500 pages",
    filename: "a.docx",
    file: () => docx(Array.from({ length: 500 }, (_, index) => [`Page ${index + 1}`])),
    ...toPdf,
    succeeded: { pages: 500, contains: "Page 500" },
  },
  { title: "an empty docx document", filename: "a.docx", file: () => docx([[""]]), ...toPdf, succeeded: { pages: 1 } },
  { title: "a text of one line break", filename: "a.txt", file: () => Buffer.from("\n"), ...toPdf, succeeded: { pages: 1 } },
  {
    title: "UTF-16 with a mark",
    filename: "a.txt",
    file: () => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("Grüße", "utf16le")]),
    ...toPdf,
    succeeded: { contains: "Grüße" },
  },
  {
    title: "Latin-1 without a word of it",
    filename: "a.txt",
    file: () => Buffer.from("Gr\u00fc\u00dfe", "latin1"),
    ...toPdf,
    succeeded: { contains: "Grüße" },
  },
  {
    title: "a line of 3 MB",
    filename: "a.txt",
    file: () => Buffer.from(`Begin ${"x ".repeat(1_500_000)}`),
    ...toPdf,
    succeeded: { contains: "Begin" },
    refused: ["deadline-exceeded"],
    because: "a thousand pages are work for a minute on a slow machine",
    slow: true,
  },

  { title: "a name of one dot and an extension", filename: ".docx", file: letter, ...toPdf, succeeded: { contains: "Dear reader" } },
  {
    title: "a name of 255 characters",
    filename: `${"x".repeat(250)}.docx`,
    file: letter,
    ...toPdf,
    succeeded: { contains: "Dear reader" },
  },
  { title: "a name that looks like an option", filename: "-o.docx", file: letter, ...toPdf, succeeded: { contains: "Dear reader" } },
  {
    title: "a name that looks like an option of Poppler",
    filename: "-upw.pdf",
    file: () => pdf(["Page 1"]),
    ...toText,
    succeeded: { contains: "Page 1" },
  },
  {
    title: "a name with quotes, dollars and semicolons",
    filename: `";$(touch x)'\`.docx`,
    file: letter,
    ...toPdf,
    succeeded: { contains: "Dear reader" },
  },
  { title: "a name with percent signs", filename: "%2e%2e%2f%00.docx", file: letter, ...toPdf, succeeded: { contains: "Dear reader" } },
  { title: "a name of emoji and accents", filename: "résumé 🎉 漢字.docx", file: letter, ...toPdf, succeeded: { contains: "Dear reader" } },
  { title: "a reserved name of Windows", filename: "CON.docx", file: letter, ...toPdf, succeeded: { contains: "Dear reader" } },
  { title: "a name with many extensions", filename: "a.pdf.exe.docx", file: letter, ...toPdf, succeeded: { contains: "Dear reader" } },
  { title: "an empty name", filename: "", file: letter, ...toPdf, refused: ["request-invalid"] },
  { title: "a name that climbs", filename: "../../etc/passwd.docx", file: letter, ...toPdf, refused: ["request-invalid"] },
  { title: "a name with a line break", filename: "a\r\nx-evil: 1.docx", file: letter, ...toPdf, refused: ["request-invalid"] },
  { title: "a name that turns its direction", filename: "a\u202excod.exe", file: letter, ...toPdf, refused: ["request-invalid"] },
  { title: "a name of 256 characters", filename: `${"x".repeat(251)}.docx`, file: letter, ...toPdf, refused: ["request-invalid"] },
];

type Step = typeof toPdf | typeof toText | typeof toImages;
const range = (filename: FixtureName, step: Step, pages: string, expected: Facts | "pages-outside" | "options-invalid"): Row => ({
  title: `pages ${pages} of ${filename} by ${step.operation}`,
  filename,
  file: async () => readFile(await fixture(filename)),
  ...step,
  options: { pages },
  ...(typeof expected === "string" ? { refused: [expected] } : { succeeded: expected }),
});

export const pageRanges: readonly Row[] = [
  range("slides.odp", toPdf, "1", { pages: 1, contains: "Slide 1", lacks: ["Slide 2"] }),
  range("slides.odp", toPdf, "3", { pages: 1, contains: "Slide 3", lacks: ["Slide 1"] }),
  range("slides.odp", toPdf, "2-", { pages: 2, contains: "Slide 3", lacks: ["Slide 1"] }),
  range("slides.odp", toPdf, "1,3", { pages: 2, contains: "Slide 3", lacks: ["Slide 2"] }),
  range("slides.odp", toPdf, "4", "pages-outside"),
  range("slides.odp", toPdf, "2-4", "pages-outside"),
  range("letter.docx", toPdf, "2", "pages-outside"),
  range("letter.docx", toPdf, "1000000", "pages-outside"),
  range("two-pages.pdf", toText, "1", { contains: "Page 1", lacks: ["Page 2"] }),
  range("two-pages.pdf", toText, "2", { contains: "Page 2", lacks: ["Page 1"] }),
  range("two-pages.pdf", toText, "3", "pages-outside"),
  range("two-pages.pdf", toText, "3-", "pages-outside"),
  range("twenty-pages.pdf", toImages, "20", { results: 1 }),
  range("twenty-pages.pdf", toImages, "19-21", "pages-outside"),
  range("two-pages.pdf", toText, "2-1", "options-invalid"),
  range("two-pages.pdf", toText, "0", "options-invalid"),
  range("two-pages.pdf", toText, "-1", "options-invalid"),
  range("two-pages.pdf", toText, "1;ls", "options-invalid"),
];

const deep = (depth: number, open: string, close: string, inner: string) => open.repeat(depth) + inner + close.repeat(depth);
const survived = {
  refused: ["input-too-complex", "deadline-exceeded", "engine-crashed", "conversion-failed", "input-damaged"],
  succeeded: {},
  because: "what must hold is that the box survives it and the job ends",
} as const;

export const heavy: readonly Row[] = [
  {
    title: "a document of 150,000 paragraphs, which takes longer than the deadline",
    filename: "endless.docx",
    file: async () => readFile(await fixture("endless.docx")),
    ...toPdf,
    refused: ["deadline-exceeded", "input-too-complex"],
    because: "it also unpacks more than any honest document",
  },
  {
    title: "HTML tables nested 2,000 deep",
    filename: "a.html",
    file: () => Buffer.from(deep(2_000, "<table><tr><td>", "</td></tr></table>", "x")),
    ...toPdf,
    ...survived,
  },
  {
    title: "HTML lists nested 20,000 deep",
    slow: true,
    filename: "a.html",
    file: () => Buffer.from(html([deep(20_000, "<ul><li>", "</li></ul>", "x")])),
    ...toPdf,
    ...survived,
  },
  {
    title: "groups of an rtf nested 100,000 deep",
    filename: "a.rtf",
    file: () => Buffer.from(`{\\rtf1 ${deep(100_000, "{", "}", "x")}}`),
    ...toPdf,
    ...survived,
  },
  {
    title: "spans of an odt nested 50,000 deep",
    filename: "a.odt",
    file: () => odt([deep(50_000, "<text:span>", "</text:span>", "x")]),
    ...toPdf,
    ...survived,
  },
  {
    title: "sections of an odt nested 2,000 deep",
    filename: "a.odt",
    file: () => odt([`</text:p>${deep(2_000, '<text:section text:name="s">', "</text:section>", "<text:p>x</text:p>")}<text:p>`]),
    ...toPdf,
    ...survived,
  },
  {
    title: "a table of an HTML page that spans 65,000 × 65,000 cells",
    filename: "a.html",
    file: () => Buffer.from(html(['<table><tr><td colspan="65000" rowspan="65000">x</td></tr></table>'])),
    ...toPdf,
    ...survived,
    slow: true,
  },
  {
    title: "a csv of 500,000 rows",
    filename: "a.csv",
    file: () => Buffer.from("a,b,c\n".repeat(500_000)),
    ...toPdf,
    ...survived,
    slow: true,
  },
];
