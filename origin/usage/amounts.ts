// What is metered, and the arithmetic of it.
import type { Operation } from "#contract/operation.ts";
import { operationOf } from "#contract/operations.ts";
import type { TierLimits } from "#contract/tiers.ts";
import type { JobRow, StoredStep, UsagePeriodRow } from "../db/schema.ts";

export const meters = ["conversions", "inputBytes", "pages", "ocrPages"] as const;
export type Meter = (typeof meters)[number];
export type Amounts = Record<Meter, number>;

export const nothing: Amounts = { conversions: 0, inputBytes: 0, pages: 0, ocrPages: 0 };
export const each = (amount: (meter: Meter) => number): Amounts => ({
  conversions: amount("conversions"),
  inputBytes: amount("inputBytes"),
  pages: amount("pages"),
  ocrPages: amount("ocrPages"),
});

/** What a job has reserved, and is charged when it succeeds. */
export function amountsOf({ inputs, pages, ocrPages }: Pick<JobRow, "inputs" | "pages" | "ocrPages">): Amounts {
  return { conversions: 1, inputBytes: inputs.reduce((sum, { size }) => sum + size, 0), pages, ocrPages };
}

/** Pages as the steps' operations count them. */
export function pagesOf(steps: readonly StoredStep[], pages: number): { pages: number; ocrPages: number } {
  const counts = (meter: Operation["meter"]) => steps.some(({ operation }) => operationOf(operation).meter === meter);
  return { pages, ocrPages: counts("ocr_pages") ? pages : 0 };
}

const limitNames = {
  conversions: "conversions_per_month",
  inputBytes: "input_bytes_per_month",
  pages: "pages_per_month",
  ocrPages: "ocr_pages_per_month",
} as const satisfies Record<Meter, keyof TierLimits>;

export const limitOf = (limits: TierLimits, meter: Meter): number | null => limits[limitNames[meter]];
export const usedOf = (row: UsagePeriodRow, meter: Meter): number => row[`${meter}Used`];
export const reservedOf = (row: UsagePeriodRow, meter: Meter): number => row[`${meter}Reserved`];

/** The first meter that is wanted and has not so much left. */
export function exceeded(row: UsagePeriodRow, limits: TierLimits, wanted: Amounts): Meter | undefined {
  return meters.find((meter) => {
    const limit = limitOf(limits, meter);
    return wanted[meter] > 0 && limit !== null && usedOf(row, meter) + reservedOf(row, meter) + wanted[meter] > limit;
  });
}
