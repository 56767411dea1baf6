// Page ranges as operations take them: "1-3,5,8-". Ascending and without overlap, so that no engine can read them another way.
import { z } from "zod";

/** 1-based, inclusive; `last` is undefined in an open range ("8-"). */
export type PageRange = { first: number; last: number | undefined };

const pageMax = 1_000_000;
const item = /^(\d{1,7})(-(\d{1,7})?)?$/;

/** The ranges of a text, or the fault that it has. */
export function parsePageRanges(text: string): PageRange[] | { fault: string } {
  const ranges: PageRange[] = [];
  let after = 0;
  for (const part of text.split(",")) {
    const match = item.exec(part.trim());
    if (!match) return { fault: `"${part}" is neither a page nor a range such as 2-5 or 7-` };
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : match[3] === undefined ? undefined : Number(match[3]);
    if (first < 1 || first > pageMax || (last ?? 0) > pageMax) return { fault: `pages run from 1 to ${pageMax}` };
    if (last !== undefined && last < first) return { fault: `the range ${part.trim()} is reversed` };
    if (first <= after) return { fault: "pages must ascend and not overlap" };
    ranges.push({ first, last });
    after = last ?? Number.POSITIVE_INFINITY;
  }
  return ranges;
}

/** The pages that a validated text names in a document of `pages` pages, or undefined when it names one beyond the end. */
export function resolvePages(text: string | undefined, pages: number): { first: number; last: number }[] | undefined {
  const ranges = parsePageRanges(text ?? "1-");
  if ("fault" in ranges) throw new RangeError(ranges.fault);
  const closed = ranges.map(({ first, last }) => ({ first, last: last ?? Math.max(first, pages) }));
  return closed.every(({ last }) => last <= pages) ? closed : undefined;
}

/** How many of a document's pages a validated text names. */
export function countPages(text: string | undefined, pages: number): number {
  const named = resolvePages(text, pages) ?? [];
  return named.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** The option that operations share. Absent means every page. */
export const pageRanges = () =>
  z
    .string()
    .min(1)
    .max(500)
    .superRefine((text, ctx) => {
      const ranges = parsePageRanges(text);
      if ("fault" in ranges) ctx.addIssue({ code: "custom", message: ranges.fault });
    })
    .meta({
      description:
        "Pages to convert, ascending: `3`, `2-5`, `7-`, `1-3,5`. All pages when absent. A page the document does not have is a problem.",
      examples: ["1-3,5"],
    });
