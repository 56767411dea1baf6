import { expect, test } from "vitest";
import { missingFonts } from "./missing-fonts.ts";

test("a box that lacks fonts says which, and one that has them all says nothing", () => {
  expect(missingFonts({ has: () => true })).toEqual({});
  expect(missingFonts({ has: (name) => !name.startsWith("Ca") })).toEqual({ "fonts-missing": "Carlito, Caladea" });
});
