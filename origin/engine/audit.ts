// Holds each result against what was asked for, before anybody hears of it. Exit code 0 proves nothing.
import { createReadStream, readFileSync, statSync } from "node:fs";
import sharp from "sharp";
import type { BoxResult } from "#contract/box.ts";
import type { ResultClaims } from "#contract/operation.ts";
import { Problem } from "#contract/problems.ts";
import type { PlannedResult } from "./context.ts";
import { resultPages } from "./pdf.ts";
import type { Toolbox } from "./toolbox.ts";

const roundingPixels = 2;
const formFeed = 0x0c;

export type AuditParts = { toolbox: Pick<Toolbox, "glance">; pagesOf: ReadonlyMap<string, number>; resultBytesMax: number };

export async function audit(results: readonly PlannedResult[], parts: AuditParts): Promise<BoxResult[]> {
  if (results.length === 0) throw new Problem("result-invalid", "The operation made no result.");
  const audited: BoxResult[] = [];
  let bytes = 0;
  for (const result of results) {
    const size = statSync(result.path, { throwIfNoEntry: false })?.size;
    if (size === undefined) throw new Problem("result-invalid", "A result is missing.");
    bytes += size;
    if (bytes > parts.resultBytesMax) throw new Problem("result-too-large");
    const pages = await auditOne(result, parts).catch((error: unknown) => {
      throw error instanceof Problem && error.code === "result-invalid"
        ? error
        : new Problem("result-invalid", undefined, { cause: error });
    });
    audited.push({ filename: result.filename, content_type: result.type, size, ...(pages !== undefined && { pages }) });
  }
  return audited;
}

async function auditOne({ path, type, claims }: PlannedResult, { toolbox, pagesOf }: AuditParts): Promise<number | undefined> {
  if (type === "application/pdf") {
    const pages = pagesOf.get(path) ?? (await resultPages(toolbox, path));
    if (claims.pages !== undefined && claims.pages !== pages) throw new Problem("result-invalid", "The PDF has another number of pages.");
    if ((claims.pdfa || claims.pdfua) && !claimsHold(readFileSync(path, "latin1"), claims))
      throw new Problem("result-invalid", "The PDF does not say that it conforms.");
    return pages;
  }
  if (type.startsWith("image/")) {
    const { width, height } = await sharp(path, { limitInputPixels: false }).metadata();
    if (!width || !height) throw new Problem("result-invalid", "An image has no size.");
    const { pixels } = claims;
    // renderers answer success, and an image of one pixel, for what they could not hold
    if (pixels && (Math.abs(width - pixels.width) > roundingPixels || Math.abs(height - pixels.height) > roundingPixels))
      throw new Problem("result-invalid", "An image has another size than its page.");
  } else if (type.startsWith("text/")) await auditText(path, claims.pages ?? 0);
  return undefined;
}

/** Metadata of PDF/A and PDF/UA is never compressed (ISO 19005-1, 6.7.2), so it is found as text. */
export function claimsHold(pdf: string, { pdfa, pdfua }: ResultClaims): boolean {
  const says = (name: string, value: string) => new RegExp(`${name}(="|>)${value}["<]`, "i").test(pdf);
  const archival =
    !pdfa || (says("pdfaid:part", pdfa.slice(0, 1)) && says("pdfaid:conformance", pdfa.slice(1)) && pdf.includes("/OutputIntents"));
  return archival && (!pdfua || says("pdfuaid:part", "1"));
}

/** Text that was made from pages has a form feed after each of them. */
async function auditText(path: string, pages: number): Promise<void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let ends = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    decoder.decode(chunk, { stream: true });
    for (let at = chunk.indexOf(formFeed); at >= 0 && ends < pages; at = chunk.indexOf(formFeed, at + 1)) ends++;
  }
  decoder.decode();
  if (ends < pages) throw new Problem("result-invalid", "The text ends before the last page.");
}
