import { expect, test } from "vitest";
import { describeCause } from "./problem.ts";

test("the cause of a failure is one bounded line in the log", () => {
  const line = describeCause(new TypeError(`first\nsecond ${"x".repeat(1_000)}`));
  expect(line).toMatch(/^TypeError: first second x+$/);
  expect(line?.length).toBeLessThanOrEqual(400);
});
