// What somebody who watches for attacks wants to see, as one structured line and one count each.
import { Counter } from "prom-client";
import type { ProblemCode } from "#contract/problems.ts";
import type { Logger } from "./log.ts";
import { metrics } from "./metrics/registry.ts";

export const securityEvents = [
  "sign-in-failed",
  "sign-in-throttled",
  "sign-up-refused",
  "assertion-refused",
  "scope-refused",
  "token-refused",
  "limit-reached",
  "box-broken",
] as const;
export type SecurityEvent = (typeof securityEvents)[number];

/** Ids, codes and addresses; never a key, a token, a password or an e-mail address. */
export type SecurityFacts = Partial<
  Record<
    "account" | "subject" | "key" | "user" | "address" | "problem" | "path" | "policy" | "request_id" | "reason" | "box",
    string | undefined
  >
>;

const counted = new Counter({
  name: "security_events_total",
  help: "Events of the security log, by name.",
  labelNames: ["event"] as const,
  registers: [metrics],
});
for (const event of securityEvents) counted.inc({ event }, 0);

export function securityEvent(log: Pick<Logger, "warn">, name: SecurityEvent, facts: SecurityFacts): void {
  counted.inc({ event: name });
  log.warn({ security_event: name, ...facts }, "security event");
}

/** The refusals that are such events, whichever door they leave by. */
const eventOfProblem: Partial<Record<ProblemCode, SecurityEvent>> = {
  "sign-in-failed": "sign-in-failed",
  "sign-in-throttled": "sign-in-throttled",
  "sign-up-closed": "sign-up-refused",
  "assertion-invalid": "assertion-refused",
  "scope-missing": "scope-refused",
  "role-missing": "scope-refused",
  "key-invalid": "token-refused",
  "token-invalid": "token-refused",
  "jobs-queued-max": "limit-reached",
  "quota-conversions": "limit-reached",
  "quota-bytes": "limit-reached",
  "quota-pages": "limit-reached",
  "test-limit": "limit-reached",
  "keys-max": "limit-reached",
};

export function noteRefusal(log: Pick<Logger, "warn">, problem: ProblemCode, facts: SecurityFacts): void {
  const event = eventOfProblem[problem];
  if (event) securityEvent(log, event, { problem, ...facts });
}
