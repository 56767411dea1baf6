import fc from "fast-check";
import { expect, test } from "vitest";
import { type TierLimits, tierDefaults } from "#contract/tiers.ts";
import type { UsagePeriodRow } from "../db/schema.ts";
import { type Amounts, each, exceeded, limitOf, meters, nothing, pagesOf } from "./amounts.ts";

const amount = fc.integer({ min: 0, max: 1_000_000 });
const amounts: fc.Arbitrary<Amounts> = fc.record({ conversions: amount, inputBytes: amount, pages: amount, ocrPages: amount });
const limit = fc.option(amount, { nil: null });
const limits: fc.Arbitrary<TierLimits> = fc
  .record({ conversions_per_month: limit, input_bytes_per_month: limit, pages_per_month: limit, ocr_pages_per_month: limit })
  .map((some) => ({ ...tierDefaults.free, ...some }));

const rowOf = (used: Amounts, reserved: Amounts) =>
  Object.fromEntries(
    meters.flatMap((meter) => [
      [`${meter}Used`, used[meter]],
      [`${meter}Reserved`, reserved[meter]],
    ]),
  ) as unknown as UsagePeriodRow; // account and period are not read

test("what is granted never overdraws a limit, and what is refused would have", () => {
  fc.assert(
    fc.property(amounts, amounts, amounts, limits, (used, reserved, wanted, tier) => {
      const meter = exceeded(rowOf(used, reserved), tier, wanted);
      const over = (name: keyof Amounts) =>
        wanted[name] > 0 && used[name] + reserved[name] + wanted[name] > (limitOf(tier, name) ?? Number.POSITIVE_INFINITY);
      if (meter === undefined) expect(meters.some(over)).toBe(false);
      else expect(meters.find(over)).toBe(meter);
    }),
  );
});

test("one at a time, exactly as much as the limit is granted", () => {
  fc.assert(
    fc.property(fc.constantFrom(...meters), fc.integer({ min: 0, max: 200 }), (meter, max) => {
      const tier = {
        ...tierDefaults.free,
        conversions_per_month: max,
        input_bytes_per_month: max,
        pages_per_month: max,
        ocr_pages_per_month: max,
      };
      const one = { ...nothing, [meter]: 1 };
      let [granted, reserved] = [0, nothing];
      while (!exceeded(rowOf(nothing, reserved), tier, one)) {
        reserved = each((name) => reserved[name] + one[name]);
        granted++;
      }
      expect(granted).toBe(max);
    }),
  );
});

test("who wants nothing of a meter is not refused by it", () => {
  const full = each(() => Number.MAX_SAFE_INTEGER);
  expect(exceeded(rowOf(full, nothing), tierDefaults.free, nothing)).toBeUndefined();
});

test("pages of an operation without a meter of its own are pages only", () => {
  expect(pagesOf([{ operation: "office.to-pdf", options: {} }], 3)).toEqual({ pages: 3, ocrPages: 0 });
});
