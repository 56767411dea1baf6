import type { TierLimits } from "#contract/tiers.ts";
import type { Database } from "../db/database.ts";
import { type Amounts, each, exceeded, reservedOf } from "./amounts.ts";
import { book, type Period } from "./book.ts";
import { quotaProblem } from "./quota-problem.ts";

/**
 * Reserves a part of the month's quota, within the caller's transaction, which a refusal ends.
 * `wanted` must be left, and is `amounts` where nothing else is said: a job that has not been looked into needs a page at least.
 */
export async function reserve(
  db: Database,
  period: Period,
  limits: TierLimits,
  amounts: Amounts,
  { wanted = amounts, now }: { wanted?: Amounts; now: Date },
): Promise<void> {
  const after = await book(db, period, { reserved: amounts });
  const before = { ...after, ...prefixed(each((meter) => reservedOf(after, meter) - amounts[meter])) };
  const meter = exceeded(before, limits, wanted);
  if (meter) throw quotaProblem(before, limits, meter, wanted[meter], now);
}

const prefixed = ({ conversions, inputBytes, pages, ocrPages }: Amounts) => ({
  conversionsReserved: conversions,
  inputBytesReserved: inputBytes,
  pagesReserved: pages,
  ocrPagesReserved: ocrPages,
});
