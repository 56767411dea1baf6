import { expect, test } from "vitest";
import { differences } from "./differences.ts";

test("a stale file is shown by the lines that would go and come", () => {
  expect(differences("a\nb\n", "a\nc\n")).toBe("  - b\n  + c");
});

test("a long difference is cut, and says how much is left", () => {
  const many = Array.from({ length: 20 }, (_, index) => `line ${index}`).join("\n");
  expect(differences("", many)).toContain("… and 9 lines more");
});
