// Facts of a PDF, as Poppler reads it.
import { readFileSync, statSync } from "node:fs";
import type { PageSize, PdfFacts } from "#contract/operation.ts";
import { Problem } from "#contract/problems.ts";
import { plainBytesMax, plainPages } from "./plain-pages.ts";
import type { Toolbox } from "./toolbox.ts";

/** Refuses a PDF that cannot be opened: encrypted with a user password, or damaged beyond repair. */
export async function pdfFacts(toolbox: Pick<Toolbox, "probe">, path: string): Promise<PdfFacts> {
  const { code, stdout, truncated } = await toolbox.probe("pdfinfo", ["-f", "1", "-l", "-1", path]);
  if (truncated) throw new Problem("input-too-complex", "The PDF has too many pages.");
  const facts = code === 0 ? parsePdfInfo(stdout) : undefined;
  if (facts) return facts;
  // qpdf answers 0 when it needs a password that it was not given
  const { code: locked } = await toolbox.probe("qpdf", ["--requires-password", path]);
  if (locked === 0) throw new Problem("input-encrypted");
  throw new Problem("input-damaged", "The PDF cannot be read.");
}

/** How many pages a PDF has that was made here: a cheaper question, and one to which only a sound PDF has an answer. */
export async function resultPages(toolbox: Pick<Toolbox, "glance">, path: string): Promise<number> {
  const plain = statSync(path).size <= plainBytesMax ? plainPages(readFileSync(path)) : undefined;
  if (plain !== undefined) return plain;
  const { code, stdout } = await toolbox.glance("qpdf", ["--show-npages", path]);
  const pages = Number(stdout);
  if (code !== 0 || !Number.isInteger(pages) || pages < 1) throw new Problem("result-invalid", "The PDF cannot be read.");
  return pages;
}

export function parsePdfInfo(text: string): PdfFacts | undefined {
  const pages = Number(/^Pages:\s+(\d+)$/m.exec(text)?.[1] ?? 0);
  const described = /^Page\s+(?:\d+\s+)?size:\s+([\d.]+) x ([\d.]+) pts.*(?:\nPage\s+(?:\d+\s+)?rot:\s+(\d+))?/gm;
  const sizes = [...text.matchAll(described)].map(([, width, height, turned]): PageSize => {
    const [across, down] = [Number(width), Number(height)];
    return Number(turned ?? 0) % 180 === 0 ? { widthPt: across, heightPt: down } : { widthPt: down, heightPt: across };
  });
  const [first] = sizes;
  if (pages < 1 || !first) return undefined;
  const largest = sizes.reduce((best, size) => (area(size) > area(best) ? size : best), first);
  return { pages, ...largest, sizes };
}

const area = ({ widthPt, heightPt }: PageSize): number => widthPt * heightPt;
