import fc from "fast-check";
import { expect, test } from "vitest";
import { forecast, type Waiting } from "./forecast.ts";

const flood: Waiting = { account: "flood", serviceClass: "standard", weight: 1, runningMax: 100, jobs: 5_000, costMs: 5_000_000 };
const own = { account: "me", serviceClass: "standard", weight: 1, runningMax: 10, costMs: 1_000, before: { jobs: 0, costMs: 0 } } as const;

test("a flood of others puts one job before the first of an account", () => {
  expect(forecast({ waiting: [flood], rate: 2 }, own)).toEqual({ position: 2, startsInMs: 500 });
});

test("who floods stands behind its own jobs", () => {
  const last = { ...own, account: "flood", runningMax: 100, before: { jobs: 4_999, costMs: 4_999_000 } };
  expect(forecast({ waiting: [flood], rate: 2 }, last)).toEqual({ position: 5_000, startsInMs: 2_499_500 });
});

test("without evidence there is a position and no estimate", () => {
  expect(forecast({ waiting: [], rate: undefined }, own)).toEqual({ position: 1, startsInMs: undefined });
});

test("an account whose tier lets it run one at a time waits for its own jobs, however fast the lane is", () => {
  const before = { jobs: 3, costMs: 3_000 };
  expect(forecast({ waiting: [], rate: 50 }, { ...own, runningMax: 1, before }).startsInMs).toBe(3_000);
});

test("premium stands before standard, and behind a third of its own number at most", () => {
  const premium = { ...own, serviceClass: "premium", before: { jobs: 6, costMs: 6_000 } } as const;
  expect(forecast({ waiting: [flood], rate: 1 }, premium).position).toBe(9);
});

test("more before a job never lets it start sooner", () => {
  const amount = fc.integer({ min: 0, max: 1_000 });
  const waiting = fc.record({ weight: fc.constantFrom(1, 4, 16), jobs: fc.integer({ min: 1, max: 500 }), premium: fc.boolean() });
  fc.assert(
    fc.property(fc.array(waiting, { maxLength: 6 }), amount, amount, fc.boolean(), (drawn, fewer, more, premium) => {
      const load = {
        waiting: drawn.map(({ premium: first, ...one }, n) => ({
          ...one,
          account: `a${n}`,
          serviceClass: first ? ("premium" as const) : ("standard" as const),
          runningMax: 10,
          costMs: one.jobs * 700,
        })),
        rate: 2,
      };
      const at = (jobs: number) =>
        forecast(load, { ...own, serviceClass: premium ? "premium" : "standard", before: { jobs, costMs: jobs * 1_000 } });
      const [first, second] = [at(Math.min(fewer, more)), at(Math.max(fewer, more))];
      expect(first.position).toBeLessThanOrEqual(second.position);
      expect(first.startsInMs ?? 0).toBeLessThanOrEqual(second.startsInMs ?? 0);
    }),
  );
});
