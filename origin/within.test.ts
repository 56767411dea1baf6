import { expect, test } from "vitest";
import { within } from "./within.ts";

test("what answers is its value, what fails its error, and what hangs is late and holds nobody up", async () => {
  expect(await within(1_000, async () => 7)).toMatchObject({ status: "ok", value: 7 });
  expect(
    await within(1_000, () => {
      throw new Error("no");
    }),
  ).toMatchObject({ status: "failed", error: new Error("no") });
  expect(await within(5, () => new Promise(() => {}))).toMatchObject({ status: "late" });
});
