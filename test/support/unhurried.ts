import type { LimitOverrides } from "#contract/tiers.ts";

const often = { per_minute: 1_000_000, burst: 100_000 };

/** Limits of an account whose work shows the house, and not how it holds customers back. */
export const unhurried = {
  requests: often,
  reads: often,
  jobs: often,
  conversions_per_month: null,
  input_bytes_per_month: null,
  pages_per_month: null,
} as const satisfies LimitOverrides;
