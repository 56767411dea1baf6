import { Problem, type ProblemCode } from "#contract/problems.ts";
import type { TierLimits } from "#contract/tiers.ts";
import type { UsagePeriodRow } from "../db/schema.ts";
import { limitOf, type Meter, reservedOf, usedOf } from "./amounts.ts";
import { periodBounds, secondsUntil } from "./period.ts";

const rows: Record<Meter, { code: ProblemCode; policy: string; unit: string }> = {
  conversions: { code: "quota-conversions", policy: "conversions", unit: "conversions" },
  inputBytes: { code: "quota-bytes", policy: "input-bytes", unit: "bytes" },
  pages: { code: "quota-pages", policy: "pages", unit: "pages" },
  ocrPages: { code: "quota-pages", policy: "ocr-pages", unit: "OCR pages" },
};

/** A month is no time to wait in; a changed tier or contract may help earlier. */
const retrySecondsMax = 86_400;
/** What only running jobs stand in the way of may be free soon: those that fail give back what they reserved. */
const retrySecondsReserved = 60;

/** `row`: without what is refused. */
export function quotaProblem(row: UsagePeriodRow, limits: TierLimits, meter: Meter, wanted: number, now: Date): Problem {
  const { code, policy, unit } = rows[meter];
  const limit = limitOf(limits, meter) ?? 0;
  const used = usedOf(row, meter);
  const { endsAt } = periodBounds(now);
  const retryAfterSeconds = used + wanted > limit ? Math.min(retrySecondsMax, secondsUntil(endsAt, now)) : retrySecondsReserved;
  const detail = `Of ${limit} ${unit} of this month ${used} are used and ${reservedOf(row, meter)} are reserved by jobs under way; the next month begins ${endsAt.toISOString()}.`;
  return new Problem(code, detail, { policy, retryAfterSeconds });
}
