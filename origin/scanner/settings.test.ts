import { expect, test } from "vitest";
import { clamdSettings } from "./settings.ts";

test("what a file unpacks to has more room than the file, up to what clamd can", () => {
  expect(clamdSettings(1_000)).toMatchObject({
    StreamMaxLength: { value: "1000" },
    MaxFileSize: { value: "1000" },
    MaxScanSize: { value: "4000" },
  });
  expect(clamdSettings(2_000_000_000).MaxScanSize.value).toBe("2147483647");
});

test("a tier with files larger than clamd scans is refused", () => {
  expect(() => clamdSettings(2 ** 31)).toThrow("clamd scans at most 2147483647 bytes");
});
