import fc from "fast-check";
import { expect, test } from "vitest";
import { admit, type Buckets, type Policy } from "./gcra.ts";

const startMs = 1_767_225_600_000;
const rates = { perMinute: fc.integer({ min: 1, max: 1_000_000 }), burst: fc.integer({ min: 1, max: 300 }) };
const policy = (name: string) => fc.record({ name: fc.constant(name), ...rates });
/** Gaps between requests, many of them zero, in milliseconds. */
const gaps = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 20_000 })), {
  minLength: 1,
  maxLength: 400,
});

/** The times at which requests passed. */
function run(policies: Policy[], times: number[], buckets: Buckets = {}): number[] {
  const passed: number[] = [];
  for (const now of times) {
    const { buckets: next, refusal } = admit(buckets, policies, now);
    buckets = next;
    if (!refusal) passed.push(now);
  }
  return passed;
}
const timesOf = (list: number[]): number[] => {
  let now = startMs;
  return list.map((gap) => {
    now += gap;
    return now;
  });
};
/** What may pass within an interval, exactly. */
const allowed = ({ burst, perMinute }: Policy, ms: number): number => burst + Math.floor((ms * perMinute) / 60_000);

test("in no interval do more than burst and rate × time pass", () => {
  fc.assert(
    fc.property(policy("requests"), gaps, (one, list) => {
      const passed = run([one], timesOf(list));
      for (let first = 0; first < passed.length; first++) {
        for (let last = first; last < passed.length; last++) {
          expect(last - first + 1).toBeLessThanOrEqual(allowed(one, (passed[last] ?? 0) - (passed[first] ?? 0)));
        }
      }
    }),
  );
});

test("who asks without pause gets all of burst and rate × time, but for one", () => {
  // A burst that drains within one tick of the clock loses what is left of the tick.
  const outlastsTick = policy("requests").map((one) => ({ ...one, burst: one.burst + 1 + Math.ceil(one.perMinute / 60_000) }));
  fc.assert(
    fc.property(outlastsTick, fc.integer({ min: 1, max: 300 }), (one, ms) => {
      const perMs = Math.min(2_000, one.burst + Math.ceil(one.perMinute / 60_000) + 1);
      const times = Array.from({ length: ms + 1 }, (_, at) => Array.from({ length: perMs }, () => startMs + at)).flat();
      const passed = run([one], times).length;
      expect(passed).toBeLessThanOrEqual(allowed(one, ms));
      expect(passed).toBeGreaterThanOrEqual(allowed(one, ms) - 1);
    }),
    { numRuns: 30 },
  );
});

test("a refusal by one policy costs the others nothing, and leaves everything as it was", () => {
  fc.assert(
    fc.property(policy("requests"), policy("jobs"), gaps, (requests, jobs, list) => {
      let buckets: Buckets = {};
      for (const now of timesOf(list)) {
        const both = admit(buckets, [requests, jobs], now);
        const alone = [requests, jobs].map((one) => admit(buckets, [one], now).refusal);
        expect(both.refusal === undefined).toBe(alone.every((refusal) => refusal === undefined));
        if (both.refusal) expect(both.buckets).toBe(buckets);
        buckets = both.buckets;
      }
    }),
  );
});

test("after Retry-After the next request passes, and a millisecond earlier it does not", () => {
  fc.assert(
    fc.property(policy("requests"), policy("jobs"), (requests, jobs) => {
      let buckets: Buckets = {};
      for (;;) {
        const { buckets: next, refusal } = admit(buckets, [requests, jobs], startMs);
        if (refusal) {
          expect(admit(buckets, [requests, jobs], startMs + refusal.retryAfterMs).refusal).toBeUndefined();
          expect(admit(buckets, [requests, jobs], startMs + refusal.retryAfterMs - 1).refusal?.policy).toBeDefined();
          return;
        }
        buckets = next;
      }
    }),
  );
});

test("what remains is what passes at once, and after the reset it is the burst again", () => {
  fc.assert(
    fc.property(policy("requests"), gaps, (one, list) => {
      const times = timesOf(list);
      let buckets: Buckets = {};
      let state = admit(buckets, [one], startMs).states[0];
      for (const now of times)
        ({
          buckets,
          states: [state],
        } = admit(buckets, [one], now));
      const end = times.at(-1) ?? startMs;
      expect(run([one], Array(one.burst + 1).fill(end), buckets)).toHaveLength(state?.remaining ?? -1);
      const later = end + (state?.resetMs ?? 0);
      const whole = run([one], Array(one.burst).fill(later), buckets);
      expect(whole).toHaveLength(one.burst);
    }),
  );
});

test("a clock that goes back gives nothing away", () => {
  const one = { name: "requests", perMinute: 60, burst: 2 };
  expect(run([one], [10_000, 10_000, 5_000, 10_000, 10_999])).toEqual([10_000, 10_000]);
});

test("a lower tier holds at once for what was used before", () => {
  const { buckets } = admit({}, [{ name: "requests", perMinute: 60, burst: 30 }], startMs);
  const lower = admit(buckets, [{ name: "requests", perMinute: 1, burst: 1 }], startMs);
  expect(lower.refusal).toEqual({ policy: "requests", retryAfterMs: 60_000 });
});
