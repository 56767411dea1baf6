import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Bounds, type Containers, decideScale, type Load, noMemory, type ScaleMemory, workersFor } from "./decide-scale.ts";

const tickMs = 10_000;
const quietMs = 120_000;
const bounds: fc.Arbitrary<Bounds> = fc
  .tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 20 }))
  .map(([min, more]) => ({ min, max: min + more }));
const idle: Load = { queued: 0, running: 0, oldestSeconds: 0 };

const allHealthy = (count: number): Containers => ({ healthy: count, starting: 0, sick: 0 });

/** What was decided at each tick, while every decision is carried out at once. */
function follow(loads: ((count: number) => Load)[], limits: Bounds, start = limits.min, containersOf = allHealthy) {
  let memory: ScaleMemory = noMemory;
  let count = start;
  return loads.map((loadOf, tick) => {
    const decision = decideScale(tick * tickMs, { ...limits, quietMs }, containersOf(count), loadOf(count), memory);
    ({ count, memory } = decision);
    return decision;
  });
}
const always = (ticks: number, load: (count: number) => Load) => Array.from({ length: ticks }, () => load);
const turns = (counts: number[]) => {
  const steps = counts
    .slice(1)
    .map((count, at) => Math.sign(count - (counts[at] ?? count)))
    .filter(Boolean);
  return steps.slice(1).filter((step, at) => step !== steps[at]).length;
};

describe("the number of engines", () => {
  const anyLoad = fc.record({ queued: fc.nat(5_000), running: fc.nat(30), oldestSeconds: fc.nat(10_000) });

  test("is never beyond its bounds, whatever comes, and wherever it was", () => {
    fc.assert(
      fc.property(bounds, fc.nat(60), fc.array(anyLoad, { maxLength: 200 }), (limits, start, loads) => {
        for (const { count } of follow(
          loads.map((load) => () => load),
          limits,
          start,
        )) {
          expect(count).toBeGreaterThanOrEqual(limits.min);
          expect(count).toBeLessThanOrEqual(limits.max);
        }
      }),
    );
  });

  test("comes back to the floor when there is nothing to do, whatever was before", () => {
    fc.assert(
      fc.property(bounds, fc.array(anyLoad, { maxLength: 50 }), (limits, loads) => {
        const quiet = always(((limits.max - limits.min + 1) * 33 * 60_000) / tickMs, () => idle);
        expect(follow([...loads.map((load) => () => load), ...quiet], limits).at(-1)?.count).toBe(limits.min);
      }),
      { numRuns: 30 },
    );
  });

  test("reaches the ceiling when a backlog stays, and at most doubles at a time", () => {
    const counts = follow(
      always(60, (count) => ({ queued: 500, running: count, oldestSeconds: 0 })),
      { min: 1, max: 12 },
    ).map(({ count }) => count);
    expect(counts.at(-1)).toBe(12);
    for (const [at, count] of counts.entries()) expect(count).toBeLessThanOrEqual((counts[at - 1] ?? 1) * 2);
  });

  test("rises for one job that has waited too long, though few wait", () => {
    expect(decideScale(0, { min: 1, max: 4, quietMs }, allHealthy(1), { queued: 1, running: 1, oldestSeconds: 31 }, noMemory).count).toBe(
      2,
    );
    expect(decideScale(0, { min: 1, max: 4, quietMs }, allHealthy(1), { queued: 1, running: 1, oldestSeconds: 29 }, noMemory).count).toBe(
      1,
    );
  });

  test("does not swing while the same load stays, wherever between one engine and the next it lies", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 4 }), (work, min) => {
        // So many jobs always have something to do; engines beyond them are idle.
        const load = (count: number) => ({
          queued: Math.max(0, work - count),
          running: Math.min(work, count),
          oldestSeconds: work > count ? 60 : 0,
        });
        const counts = follow(always(2_000, load), { min, max: 16 }).map(({ count }) => count);
        expect(turns(counts)).toBeLessThanOrEqual(1);
        expect(new Set(counts.slice(-500)).size).toBe(1);
      }),
    );
  });

  test("gives up an engine that it misses each time no more than every 32 minutes in the end", () => {
    // Two engines are needed for a tick every three minutes.
    const load = (tick: number) => (count: number) => (tick % 18 === 0 && count === 1 ? { queued: 9, running: 1, oldestSeconds: 0 } : idle);
    const counts = follow(
      Array.from({ length: 8_000 }, (_, tick) => load(tick)),
      { min: 1, max: 4 },
    ).map(({ count }) => count);
    const times = (1_000 * tickMs) / (32 * 60_000);
    expect(turns(counts.slice(-1_000))).toBeLessThanOrEqual(2 * Math.ceil(times));
  });

  test("is not raised while those that were added are starting, but for five minutes at most", () => {
    const backlog = always(60, () => ({ queued: 500, running: 1, oldestSeconds: 100 }));
    const oneHealthy = (count: number) => ({ healthy: 1, starting: count - 1, sick: 0 });
    const counts = follow(backlog, { min: 1, max: 12 }, 1, oneHealthy).map(({ count }) => count);
    expect(counts.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => 2));
    expect(counts.at(-1)).toBe(3);
  });

  test("does not grow by what never becomes healthy, and what is sick counts for nothing", () => {
    const backlog = always(200, () => ({ queued: 500, running: 0, oldestSeconds: 900 }));
    const settles = (healthy: number) => {
      const some = (count: number) => ({ healthy: Math.min(count, healthy), starting: 0, sick: Math.max(count - healthy, 0) });
      return follow(backlog, { min: 1, max: 12 }, 1, some).at(-1)?.count;
    };
    expect([0, 1, 3].map(settles)).toEqual([2, 3, 7]);
    const busy = { queued: 5, running: 1, oldestSeconds: 0 };
    expect(decideScale(0, { min: 1, max: 4, quietMs }, allHealthy(2), busy, noMemory).count).toBe(2);
    expect(decideScale(0, { min: 1, max: 4, quietMs }, { healthy: 1, starting: 0, sick: 1 }, busy, noMemory).count).toBe(3);
  });

  test("rises from none for the first job, and falls to none again, where none is allowed", () => {
    const loads = [idle, { queued: 1, running: 0, oldestSeconds: 0 }, ...Array.from({ length: 30 }, () => idle)];
    const counts = follow(
      loads.map((load) => () => load),
      { min: 0, max: 4 },
    ).map(({ count }) => count);
    expect([counts[0], counts[1], counts.at(-1)]).toEqual([0, 1, 0]);
  });

  test("comes back to the ceiling when somebody else has set it to the floor meanwhile", () => {
    const limits = { min: 1, max: 6, quietMs };
    let memory = noMemory;
    let count = 1;
    const counts = Array.from({ length: 40 }, (_, tick) => {
      if (tick === 20) count = 1;
      ({ count, memory } = decideScale(tick * tickMs, limits, allHealthy(count), { queued: 90, running: count, oldestSeconds: 0 }, memory));
      return count;
    });
    expect([counts[19], counts.at(-1)]).toEqual([6, 6]);
  });
});

test("workers follow the engines, within their own bounds", () => {
  expect([1, 8, 9, 100].map((engines) => workersFor(engines, { min: 1, max: 3 }))).toEqual([1, 1, 2, 3]);
});
