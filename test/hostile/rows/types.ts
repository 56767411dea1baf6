// Files that are not what they are called.
import { readFile } from "node:fs/promises";
import { docx, html, rtf } from "#test/fixtures/documents.ts";
import { fixture } from "#test/fixtures/make.ts";
import { png, pseudoRandom } from "#test/fixtures/odd-bytes.ts";
import { pdf } from "#test/fixtures/pdf.ts";
import { cfb } from "../make/cfb.ts";
import { animatedGif, hugePng, hugeTiff, hugeWebp } from "../make/images.ts";
import { docxMembers, docxOf, paragraph, picture } from "../make/office.ts";
import { rawZip } from "../make/raw-zip.ts";
import { type Row, toImages, toPdf, toText } from "../row.ts";

const mismatch = { refused: ["input-type-mismatch"] } as const;
const unsupported = { refused: ["input-type-unsupported"] } as const;
const letter = () => docx([["Dear reader"]]);
const members = () => Object.entries(docxMembers(paragraph("A letter"))).map(([name, content]) => ({ name, content }));

const bytesOfNothing: Row[] = ["docx", "xls", "odt", "rtf", "txt", "pdf"].flatMap((extension): Row[] => {
  const step = extension === "pdf" ? toText : toPdf;
  const named = (title: string, file: () => Uint8Array) => ({
    title: `${title} named .${extension}`,
    filename: `a.${extension}`,
    file,
    ...step,
  });
  return [
    { ...named("random bytes", () => pseudoRandom(3_000)), ...mismatch },
    { ...named("zeros", () => Buffer.alloc(3_000)), ...mismatch },
    { ...named("an empty file", () => new Uint8Array()), refused: ["file-empty"] },
  ];
});

const bomb = "a picture too large to decode may be left out or refuse the document";

export const wrongTypes: readonly Row[] = [
  ...bytesOfNothing,
  { title: "a PNG named .docx", filename: "a.docx", file: () => png(8, 8), ...toPdf, ...mismatch },
  { title: "a docx named .pdf", filename: "a.pdf", file: letter, ...toText, ...mismatch },
  { title: "a docx named .pdf, to be converted to PDF", filename: "a.pdf", file: letter, ...toPdf, ...unsupported },
  { title: "a docx named .xlsx", filename: "a.xlsx", file: letter, ...toPdf, ...mismatch },
  { title: "a PDF named .docx", filename: "a.docx", file: () => pdf(["x"]), ...toPdf, refused: ["input-type-mismatch"] },
  {
    title: "an HTML named .doc",
    filename: "a.doc",
    file: () => Buffer.from(html(["Dear reader"])),
    ...toPdf,
    succeeded: { contains: "Dear reader", warning: "type-differs" },
  },
  {
    title: "an RTF named .doc",
    filename: "a.doc",
    file: () => Buffer.from(rtf(["Dear reader"])),
    ...toPdf,
    succeeded: { contains: "Dear reader", warning: "type-differs" },
  },
  { title: "a text named .docx", filename: "a.docx", file: () => Buffer.from("Dear reader"), ...toPdf, ...mismatch },
  {
    title: "an executable named .docx",
    filename: "a.docx",
    file: () => Buffer.concat([Buffer.from("MZ\x90\0", "latin1"), pseudoRandom(2_000)]),
    ...toPdf,
    ...mismatch,
  },
  { title: "an ELF program named .txt", filename: "a.txt", file: () => readFile("/bin/true"), ...toPdf, ...mismatch },
  { title: "a shell script named .doc", filename: "a.doc", file: () => Buffer.from("#!/bin/sh\nrm -rf /\n"), ...toPdf, ...mismatch },
  {
    title: "a docx sent as image/png under its own name",
    filename: "a.docx",
    contentType: "image/png",
    file: letter,
    ...toPdf,
    succeeded: { contains: "Dear reader" },
  },
  { title: "a docx without an extension", filename: "letter", file: letter, ...toPdf, succeeded: { contains: "Dear reader" } },
  { title: "a PDF for an operation on office documents", filename: "a.pdf", file: () => pdf(["x"]), ...toPdf, ...unsupported },
  { title: "an RTF for an operation on PDFs", filename: "a.rtf", file: () => Buffer.from(rtf(["x"])), ...toText, ...unsupported },
  { title: "a compound file with nothing inside named .doc", filename: "a.doc", file: () => cfb({}), ...toPdf, ...mismatch },
  {
    title: "an installer's compound file named .doc",
    filename: "a.doc",
    file: () => cfb({ "\u4840\u3f7f": Buffer.alloc(5_000) }),
    ...toPdf,
    ...mismatch,
  },
  {
    title: "a compound file whose WordDocument is garbage",
    filename: "a.doc",
    file: () => cfb({ WordDocument: pseudoRandom(6_000), "1Table": pseudoRandom(6_000) }),
    ...toPdf,
    refused: ["conversion-failed", "input-damaged", "input-encrypted", "encrypted-unsupported"],
    because: "the flags of garbage are garbage too",
  },
  {
    title: "PDF and zip in one, named .pdf",
    filename: "a.pdf",
    file: () => Buffer.concat([pdf(["Only the page"]), letter()]),
    ...toText,
    succeeded: { contains: "Only the page", lacks: ["Dear reader"] },
  },
  {
    title: "PDF and zip in one, named .docx",
    filename: "a.docx",
    file: () => Buffer.concat([pdf(["Only the page"]), letter()]),
    ...toPdf,
    ...mismatch,
  },
  {
    title: "a zip with a PDF as its first member, named .pdf",
    filename: "a.pdf",
    file: () => rawZip([{ name: "a", content: pdf(["x"]), stored: true }, ...members()]),
    ...toText,
    ...mismatch,
  },
  {
    title: "JPEG and zip in one, named .docx",
    filename: "a.docx",
    file: () => rawZip(members(), { prefix: Buffer.from("ffd8ffe000104a46494600010100000100010000ffd9", "hex") }),
    ...toPdf,
    ...mismatch,
  },
  {
    title: "JPEG and zip in one, named .jpg",
    filename: "a.jpg",
    file: () => rawZip(members(), { prefix: Buffer.from("ffd8ffe000104a46494600010100000100010000ffd9", "hex") }),
    ...toPdf,
    ...unsupported,
  },
  {
    title: "GIF and script in one, named .html",
    filename: "a.html",
    file: () => Buffer.from('GIF89a/*<html>*/=1;document.body.innerHTML="ran"'),
    ...toPdf,
    succeeded: { lacks: ["\nran\n"] },
  },
  {
    title: "GIF and script in one, named .docx",
    filename: "a.docx",
    file: () => Buffer.from("GIF89a/*<html>*/=1;alert(1)"),
    ...toPdf,
    ...mismatch,
  },
  {
    title: "a script in an HTML page",
    filename: "a.html",
    file: () => Buffer.from("<html><body>Before<script>document.write('r'+'an')</script></body></html>"),
    ...toPdf,
    succeeded: { contains: "Before", lacks: ["ran\n"] },
  },
  { title: "a PNG", filename: "a.png", file: () => png(8, 8), ...toPdf, ...unsupported },
  { title: "a PNG of 60,000 × 60,000", filename: "a.png", file: () => hugePng(60_000), ...toPdf, ...unsupported },
  { title: "a TIFF of 60,000 × 60,000", filename: "a.tiff", file: () => hugeTiff(60_000), ...toPdf, ...unsupported },
  { title: "a WebP of 16,383 × 16,383", filename: "a.webp", file: () => hugeWebp(), ...toPdf, ...unsupported },
  { title: "an animated GIF of 10,000 frames", filename: "a.gif", file: () => animatedGif(10_000), ...toPdf, ...unsupported },
  { title: "a PNG of 60,000 × 60,000 named .pdf", filename: "a.pdf", file: () => hugePng(60_000), ...toImages, ...mismatch },
  {
    title: "a docx with a PNG of 60,000 × 60,000",
    filename: "a.docx",
    file: () =>
      docxOf(paragraph("Before") + picture("r1", "embed"), {
        relations: [{ id: "r1", type: "image", target: "media/a.png" }],
        parts: { "word/media/a.png": hugePng(60_000) },
      }),
    ...toPdf,
    refused: ["input-too-complex", "deadline-exceeded", "engine-crashed"],
    succeeded: { contains: "Before" },
    because: bomb,
  },
  {
    title: "a docx with an animated GIF of 10,000 frames",
    filename: "a.docx",
    file: () =>
      docxOf(paragraph("Before") + picture("r1", "embed"), {
        relations: [{ id: "r1", type: "image", target: "media/a.gif" }],
        parts: { "word/media/a.gif": animatedGif(10_000) },
        defaults: { gif: "image/gif" },
      }),
    ...toPdf,
    refused: ["input-too-complex", "deadline-exceeded"],
    succeeded: { contains: "Before" },
    because: bomb,
  },
];

const cut = (name: Parameters<typeof fixture>[0]) => async () => {
  const bytes = await readFile(await fixture(name));
  return bytes.subarray(0, Math.floor(bytes.length * 0.6));
};
const damaged = { refused: ["input-damaged"] } as const;
const lateDamage = {
  refused: ["input-damaged", "input-type-mismatch", "conversion-failed"],
  because: "what is missing decides who meets it first",
} as const;

export const truncated: readonly Row[] = [
  ...(["letter.docx", "table.xlsx", "slides.pptx", "letter.odt", "slides.odp"] as const).map(
    (filename): Row => ({ title: `${filename}, cut`, filename, file: cut(filename), ...toPdf, ...damaged }),
  ),
  { title: "letter.doc, cut", filename: "letter.doc", file: cut("letter.doc"), ...toPdf, ...lateDamage },
  { title: "table.xls, cut", filename: "table.xls", file: cut("table.xls"), ...toPdf, ...lateDamage },
  {
    title: "letter.rtf, cut",
    filename: "letter.rtf",
    file: cut("letter.rtf"),
    ...toPdf,
    succeeded: { contains: "Dear reader" },
    refused: ["input-damaged", "conversion-failed"],
    because: "readers of RTF mend it",
  },
  { title: "letter.html, cut", filename: "letter.html", file: cut("letter.html"), ...toPdf, succeeded: { contains: "Dear reader" } },
  { title: "letter.txt, cut", filename: "letter.txt", file: cut("letter.txt"), ...toPdf, succeeded: { contains: "Dear reader" } },
  { title: "cities.csv, cut", filename: "cities.csv", file: cut("cities.csv"), ...toPdf, succeeded: { contains: "Köln" } },
  { title: "a PDF, cut in its head", filename: "a.pdf", file: () => pdf(["x"]).subarray(0, 60), ...toText, ...damaged },
  {
    title: "a PDF without its last line",
    filename: "a.pdf",
    file: () => pdf(["Page 1"]).subarray(0, -20),
    ...toText,
    succeeded: { contains: "Page 1" },
  },
  {
    title: "a PDF without its trailer",
    filename: "a.pdf",
    file: () => pdf(["Page 1"]).subarray(0, -200),
    ...toText,
    refused: ["input-damaged"],
    succeeded: { contains: "Page 1" },
    because: "a reader may find the catalog without it",
  },
  {
    title: "encrypted.docx, cut",
    filename: "encrypted.docx",
    file: cut("encrypted.docx"),
    ...toPdf,
    refused: ["input-damaged", "input-encrypted", "input-type-mismatch"],
    because: "its directory may be lost",
  },
];
