import type { ProblemCode } from "#contract/problems.ts";

/** Refusals that operators watch, by the name of what they may be a sign of. */
const names: Partial<Record<ProblemCode, string>> = {
  "token-invalid": "token-refused",
  "token-expired": "token-refused",
  "key-invalid": "key-refused",
  "address-not-allowed": "key-from-elsewhere",
  "scope-missing": "scope-exceeded",
  "account-suspended": "suspended-account",
  "rate-limited": "limit-exceeded",
  "uploads-outstanding": "limit-exceeded",
  "address-rate-limited": "address-limit-exceeded",
  "address-denied": "address-denied",
  "sign-in-failed": "sign-in-failed",
  "sign-in-throttled": "sign-in-throttled",
};

const counts = new Map<string, number>();

/** For the log line of a refused request: what it may be a sign of, and how often this isolate has seen it. */
export function securityEvent(code: ProblemCode): { security?: string; security_count?: number } {
  const security = names[code];
  if (security === undefined) return {};
  const count = (counts.get(security) ?? 0) + 1;
  counts.set(security, count);
  return { security, security_count: count };
}
