import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { parseKey } from "#contract/keys.ts";
import { drawKey } from "./draw-key.ts";

test("of a key its digest and its ends are kept", () => {
  const { key, digest, hint } = drawKey({ account: "acme_2", livemode: false });
  expect(parseKey(key)).toEqual({ account: "acme_2", livemode: false });
  expect(digest).toBe(createHash("sha256").update(key).digest("hex"));
  expect(hint).toBe(`tc_test_acme_2_…${key.slice(-4)}`);
});

test("no two keys are the same", () => {
  const keys = Array.from({ length: 1_000 }, () => drawKey({ account: "acme", livemode: true }).key);
  expect(new Set(keys).size).toBe(keys.length);
});
