import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePageRanges, resolvePages } from "./page-ranges.ts";

test.each([
  ["3", 10, [{ first: 3, last: 3 }]],
  ["2-5", 10, [{ first: 2, last: 5 }]],
  ["7-", 10, [{ first: 7, last: 10 }]],
  [
    "1-3, 5,9-",
    9,
    [
      { first: 1, last: 3 },
      { first: 5, last: 5 },
      { first: 9, last: 9 },
    ],
  ],
  [undefined, 2, [{ first: 1, last: 2 }]],
] as const)("%j of %i pages", (text, pages, ranges) => {
  expect(resolvePages(text, pages)).toEqual(ranges);
});

test.each(["11", "9-11", "11-", "1,99"])("%j of 10 pages is outside", (text) => {
  expect(resolvePages(text, 10)).toBeUndefined();
});

test.each(["", "0", "5-2", "1-3,2", "3,1", "1-,2", "a", "1--2", "-3", "1.5", "1,", "١", "1e3", "99999999"])(
  "%j is refused before any work",
  (text) => {
    expect(parsePageRanges(text)).toHaveProperty("fault");
  },
);

test("whatever is accepted ascends and stays within the document", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9,-]{1,12}$/), fc.integer({ min: 1, max: 500 }), (text, pages) => {
      if ("fault" in parsePageRanges(text)) return;
      const resolved = resolvePages(text, pages) ?? [];
      const flat = resolved.flatMap(({ first, last }) => [first, last]);
      expect(flat).toEqual([...flat].sort((a, b) => a - b));
      expect(flat.every((page) => page >= 1 && page <= pages)).toBe(true);
    }),
  );
});
