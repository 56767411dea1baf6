// The documents of the drill: real ones of each kind, with a number in them, so that no two files are the same where that is easy.
import { readFile } from "node:fs/promises";
import type { ProblemCode } from "#contract/problems.ts";
import { docx, html, odp, odt, rtf, xlsx } from "#test/fixtures/documents.ts";
import { type FixtureName, fixture } from "#test/fixtures/make.ts";
import { pdf } from "#test/fixtures/pdf.ts";
import { password } from "#test/fixtures/recipes.ts";

export type ChaosDocument = {
  filename: string;
  bytes: Uint8Array<ArrayBuffer>;
  step: { operation: string; options?: Record<string, unknown> };
  /** The refusal that it must end with; without it a result. */
  refused?: ProblemCode;
};
type Make = (n: number) => Promise<ChaosDocument>;

const toPdf = { operation: "office.to-pdf" };
const page = (n: number) => [`Letter ${n}`, "The quick brown fox jumps over the lazy dog. ".repeat(20)];
const made = (filename: string, make: (n: number) => Buffer | string, step: ChaosDocument["step"] = toPdf): Make => {
  return async (n) => ({ filename, bytes: new Uint8Array(Buffer.from(make(n))), step });
};
const kept =
  (name: FixtureName, step: ChaosDocument["step"] = toPdf, refused?: ProblemCode): Make =>
  async () => ({ filename: name, bytes: new Uint8Array(await readFile(await fixture(name))), step, ...(refused && { refused }) });

/** In the order in which they are sent, again and again. */
const mix: readonly Make[] = [
  made("letter.docx", (n) => docx([page(n)])),
  made("pages.pdf", (n) => pdf([`Page 1 of ${n}`, `Page 2 of ${n}`]), { operation: "pdf.to-text" }),
  made("table.xlsx", (n) => xlsx([["Item", "Net"], ...Array.from({ length: 30 }, (_, row) => [`Item ${row}`, row * n])])),
  made("letter.rtf", (n) => rtf(page(n))),
  made("pages.pdf", (n) => pdf([`Page 1 of ${n}`, `Page 2 of ${n}`]), { operation: "pdf.to-images", options: { dpi: 72 } }),
  made("slides.odp", (n) => odp([`Slide 1 of ${n}`, "Slide 2"])),
  kept("encrypted.docx", { operation: "office.to-pdf", options: { password } }),
  made("letter.odt", (n) => odt(page(n))),
  made("letter.html", (n) => html(page(n))),
  kept("damaged.pdf", { operation: "pdf.to-text" }, "input-damaged"),
  made("report.docx", (n) => docx(Array.from({ length: 6 }, () => page(n)))),
  kept("letter.doc"),
  made("letter.txt", (n) => page(n).join("\n")),
  kept("eicar.txt", toPdf, "input-infected"),
];

export const documentOf = (n: number): Promise<ChaosDocument> => (mix[n % mix.length] as Make)(n);
