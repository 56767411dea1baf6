import { expect, test } from "vitest";
import { objectUrl } from "./presign.ts";

const endpoint = "https://store.example.com/base";

test("a key stays one path below its bucket", () => {
  expect(objectUrl(endpoint, "uploads", "acme/a b+c?d#e%2f..").href).toBe(`${endpoint}/uploads/acme/a%20b%2Bc%3Fd%23e%252f..`);
});

test.each(["../other", "acme/../../other", "acme/.", "acme//x", "", "/x"])("%j is no key", (key) => {
  expect(() => objectUrl(endpoint, "uploads", key)).toThrow(RangeError);
});
