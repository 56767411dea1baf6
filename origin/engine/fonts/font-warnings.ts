// Tells which fonts a document names, that are not installed, and what stands in for them in the PDF.
import type { Warning } from "#contract/jobs.ts";
import type { MediaType } from "#contract/media.ts";
import type { PlannedResult } from "../context.ts";
import { declaredFonts } from "./declared-fonts.ts";
import type { InstalledFonts } from "./installed-fonts.ts";
import { pdfFonts } from "./pdf-fonts.ts";

export type FontWarningParts = {
  type: MediaType;
  input: string;
  results: readonly PlannedResult[];
  installed: InstalledFonts;
  signal: AbortSignal;
};

export async function fontWarnings({ type, input, results, installed, signal }: FontWarningParts): Promise<Warning[]> {
  const pdf = results.find((result) => result.type === "application/pdf");
  if (!pdf || (type.signature.kind !== "opc" && type.signature.kind !== "odf")) return [];
  const declared = await declaredFonts(input);
  const missing = declared.filter((name) => !installed.has(name));
  if (missing.length === 0) return [];
  const used = await pdfFonts(pdf.path, signal);
  const warnings: Warning[] = [];
  for (const name of missing) {
    const substitute = await installed.substituteOf(name, signal);
    if (substitute && tells(name, substitute, declared, used))
      warnings.push({ code: "font-substituted", detail: `${name} was replaced by ${substitute}.` });
  }
  return warnings;
}

/** Only what is sure: the substitute is in the PDF, the font is not (it may be embedded), and the document does not name the substitute itself. */
export function tells(name: string, substitute: string, declared: readonly string[], used: readonly string[]): boolean {
  const uses = (family: string) => used.some((font) => font.startsWith(postScript(family)));
  return !declared.includes(substitute) && uses(substitute) && !uses(name);
}

const postScript = (family: string): string => family.replace(/\s/g, "");
