import type { RatePolicy } from "#contract/routes/shared.ts";
import type { Rate, TierLimits } from "#contract/tiers.ts";
import type { Policy } from "../limits/gcra.ts";

const policyOf = (name: string, { per_minute, burst }: Rate): Policy => ({ name, perMinute: per_minute, burst });

/** The policies that a request counts toward: its route's, and those of its operations that the tier limits. */
export function ratePolicies(limits: TierLimits, policies: readonly RatePolicy[], operations: readonly string[]): Policy[] {
  const ofOperations = [...new Set(operations)].flatMap((name) => {
    const rate = limits.operations[name];
    return rate ? [policyOf(name, rate)] : [];
  });
  return [...policies.map((name) => policyOf(name, limits[name])), ...ofOperations];
}
