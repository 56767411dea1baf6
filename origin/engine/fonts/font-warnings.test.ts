import { expect, test } from "vitest";
import { tells } from "./font-warnings.ts";
import { baseFonts } from "./pdf-fonts.ts";

test("fonts of a PDF are named without their subset tags", () => {
  expect(baseFonts("/BaseFont/BAAAAA+Carlito-Bold /BaseFont /LiberationSerif>>")).toEqual(["Carlito-Bold", "LiberationSerif"]);
});

test.each([
  ["it stands in the PDF", ["Calibri"], ["Carlito-Bold"], true],
  ["the substitute is not in the PDF", ["Calibri"], ["LiberationSerif"], false],
  ["the font itself is in the PDF, embedded", ["Calibri"], ["Carlito", "Calibri-Light"], false],
  ["the document names the substitute itself", ["Calibri", "Carlito"], ["Carlito"], false],
])("a substitution is told only when it is sure: %s", (_, declared, used, told) => {
  expect(tells("Calibri", "Carlito", declared, used)).toBe(told);
});
