import { expect, test } from "vitest";
import { containing, pageOf, seqBefore, startingWith } from "./paging.ts";

const rows = (...seqs: number[]) => seqs.map((seq) => ({ seq }));
const seqOf = ({ seq }: { seq: number }) => seq;

test("a page has a next one when there is a row beyond it", () => {
  expect(pageOf(rows(9, 8, 7), 2, seqOf)).toEqual({ data: [9, 8], next_cursor: "8" });
  expect(pageOf(rows(9, 8), 2, seqOf)).toEqual({ data: [9, 8] });
  expect(pageOf(rows(), 2, seqOf)).toEqual({ data: [] });
});

test("a cursor leads to the rows below it, and a made-up one nowhere", () => {
  expect(seqBefore("8")).toBe(8);
  expect(seqBefore(undefined)).toBeUndefined();
  for (const after of ["", "0", "-1", "8; drop table", "9".repeat(16)])
    expect(() => seqBefore(after)).toThrow(expect.objectContaining({ code: "request-invalid" }));
});

test("what a search holds stands for itself", () => {
  expect(containing("50%_\\")).toBe("%50\\%\\_\\\\%");
  expect(startingWith("key.")).toBe("key.%");
});
