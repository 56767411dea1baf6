import { expect, test } from "vitest";
import { metrics } from "./metrics/registry.ts";
import { noteRefusal, securityEvent } from "./security-log.ts";

const counted = async (event: string): Promise<number> => {
  const found = await metrics.getSingleMetric("security_events_total")?.get();
  return found?.values.find(({ labels }) => labels.event === event)?.value ?? Number.NaN;
};
const lines: object[] = [];
const log = { warn: (line: object) => void lines.push(line) } as Parameters<typeof securityEvent>[0]; // pino's overloads

test("an event is one line and one count, and every event is counted from zero", async () => {
  expect(await counted("sign-in-throttled")).toBe(0);
  const before = await counted("sign-in-failed");
  securityEvent(log, "sign-in-failed", { address: "192.0.2.7", user: "usr_a" });
  expect(await counted("sign-in-failed")).toBe(before + 1);
  expect(lines.at(-1)).toEqual({ security_event: "sign-in-failed", address: "192.0.2.7", user: "usr_a" });
});

test("refusals that tell of an attack are events, others are not", async () => {
  noteRefusal(log, "scope-missing", { account: "acme" });
  expect(lines.at(-1)).toEqual({ security_event: "scope-refused", problem: "scope-missing", account: "acme" });
  const count = lines.length;
  noteRefusal(log, "job-not-found", { account: "acme" });
  expect(lines).toHaveLength(count);
});
