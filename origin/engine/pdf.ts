// Facts of a PDF, as Poppler reads it.
import { Problem } from "#contract/problems.ts";
import type { Toolbox } from "./toolbox.ts";

export type PdfFacts = { pages: number; widthPt: number; heightPt: number };

/** Refuses a PDF that cannot be opened: encrypted with a user password, or damaged beyond repair. */
export async function pdfFacts(toolbox: Pick<Toolbox, "probe">, path: string, sizes: "all" | "first"): Promise<PdfFacts> {
  const { code, stdout, truncated } = await toolbox.probe("pdfinfo", [...(sizes === "all" ? ["-f", "1", "-l", "-1"] : []), path]);
  if (truncated) throw new Problem("input-too-complex", "The PDF has too many pages.");
  const facts = code === 0 ? parsePdfInfo(stdout) : undefined;
  if (facts) return facts;
  // qpdf answers 0 when it needs a password that it was not given
  const { code: locked } = await toolbox.probe("qpdf", ["--requires-password", path]);
  if (locked === 0) throw new Problem("input-encrypted");
  throw new Problem("input-damaged", "The PDF cannot be read.");
}

export function parsePdfInfo(text: string): PdfFacts | undefined {
  const pages = Number(/^Pages:\s+(\d+)$/m.exec(text)?.[1] ?? 0);
  const sizes = [...text.matchAll(/^Page\s+(?:\d+\s+)?size:\s+([\d.]+) x ([\d.]+) pts/gm)];
  if (pages < 1 || sizes.length === 0) return undefined;
  const largest = sizes.reduce((best, size) => (area(size) > area(best) ? size : best));
  return { pages, widthPt: Number(largest[1]), heightPt: Number(largest[2]) };
}

const area = (size: RegExpExecArray): number => Number(size[1]) * Number(size[2]);
