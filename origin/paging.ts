// Pages of a list that is ordered by `seq`, newest first. A cursor is the last row's.
import { Problem } from "#contract/problems.ts";

const cursor = /^[1-9]\d{0,14}$/;

/** Where the page begins: rows below. */
export function seqBefore(after: string | undefined): number | undefined {
  if (after === undefined) return undefined;
  if (cursor.test(after)) return Number(after);
  const detail = "must be the next_cursor of a page";
  throw new Problem("request-invalid", `/after: ${detail}`, { errors: [{ pointer: "/after", detail }] });
}

/** A page of `limit` from rows of which one more was asked for. */
export function pageOf<Row extends { seq: number }, Item>(rows: Row[], limit: number, item: (row: Row) => Item) {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { data: shown.map((row) => item(row)), ...(rows.length > limit && last && { next_cursor: `${last.seq}` }) };
}

/** For `ilike`: the text itself, wherever it stands. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, "\\$&")}%`;
/** The text itself, at the start. */
export const startingWith = (text: string): string => containing(text).slice(1);
