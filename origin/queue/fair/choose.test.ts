import fc from "fast-check";
import { expect, test } from "vitest";
import { type Candidate, type Clock, choose, premiumInARowMax, type ServiceClass, shortlist, standardMax, type Waiter } from "./choose.ts";

type Customer = { account: string; serviceClass: ServiceClass; weight: number; costs: number[]; cap?: number };

/** A lane of no-op slots: chosen jobs run one after another, and end in the order in which they were chosen. */
function lane(slots: number, customers: readonly Customer[]) {
  const backlog = new Map(
    customers.map(({ account, costs }) => [account, costs.map((costMs, n) => ({ id: `${account}-${n}`, seq: n, costMs }))]),
  );
  const share = new Map(customers.map(({ account }) => [account, { served: 0, waiting: false }]));
  const inside: (Candidate & Customer)[] = [];
  const started: (Candidate & Customer)[] = [];
  let clock: Clock = { standard: 0, premium: 0, premiumInARow: 0 };

  const waiters = (): Waiter[] =>
    customers.flatMap((customer) => {
      const jobs = backlog.get(customer.account) ?? [];
      const room = (customer.cap ?? 1_000) - inside.filter(({ account }) => account === customer.account).length;
      const { served, waiting } = share.get(customer.account) ?? { served: 0, waiting: false };
      return jobs.length > 0 && room > 0 ? [{ ...customer, served, waiting, room, jobs: jobs.slice(0, slots + 2) }] : [];
    });
  const count = (serviceClass: ServiceClass) => inside.filter((job) => job.serviceClass === serviceClass).length;

  return {
    started,
    /** Fills the window, and ends the oldest `ends` of what is in it, with what they took instead of what was thought. */
    turn(ends = 1, tookMs = (job: Candidate) => job.costMs) {
      const present = waiters();
      const premiumExpected = customers.some(({ serviceClass }) => serviceClass === "premium");
      const choice = choose(
        { windowSize: slots + 1, inside: { standard: count("standard"), premium: count("premium") }, premiumExpected, clock },
        present,
      );
      clock = choice.clock;
      for (const one of share.values()) one.waiting = false;
      for (const [account, served] of choice.served) share.set(account, { served, waiting: true });
      for (const pick of choice.picks) {
        backlog.set(pick.account, backlog.get(pick.account)?.filter(({ id }) => id !== pick.id) ?? []);
        const customer = customers.find(({ account }) => account === pick.account);
        if (customer) inside.push({ ...pick, ...customer });
      }
      started.push(...inside.slice(-choice.picks.length || inside.length));
      for (const job of inside.splice(0, ends)) {
        const of = share.get(job.account);
        if (of) of.served = Math.max(0, of.served + (tookMs(job) - job.costMs) / job.weight);
      }
      return choice;
    },
    backlog: (account: string) => backlog.get(account) ?? [],
    arrive: (account: string, jobs: Candidate[]) => backlog.set(account, [...(backlog.get(account) ?? []), ...jobs]),
  };
}

const cost = fc.integer({ min: 100, max: 30_000 });
const served = (started: readonly (Candidate & Customer)[], account: string): number =>
  started.filter((job) => job.account === account).reduce((sum, job) => sum + job.costMs, 0);
const jain = (values: readonly number[]): number => {
  const total = values.reduce((sum, value) => sum + value, 0);
  return total ** 2 / (values.length * values.reduce((sum, value) => sum + value ** 2, 0));
};

test("accounts that always wait differ by no more than one job of each, by weight", () => {
  const customer = fc.record({ weight: fc.constantFrom(1, 4, 16), costs: fc.array(cost, { minLength: 400, maxLength: 400 }) });
  fc.assert(
    fc.property(fc.array(customer, { minLength: 2, maxLength: 6 }), fc.integer({ min: 1, max: 8 }), (drawn, slots) => {
      const customers = drawn.map((one, n) => ({ ...one, account: `a${n}`, serviceClass: "standard" as const }));
      const house = lane(slots, customers);
      while (customers.every(({ account }) => house.backlog(account).length > slots + 2)) house.turn();
      for (const one of customers)
        for (const other of customers) {
          const apart = served(house.started, one.account) / one.weight - served(house.started, other.account) / other.weight;
          expect(apart).toBeLessThanOrEqual(Math.max(...one.costs) / one.weight + Math.max(...other.costs) / other.weight);
        }
    }),
    { numRuns: 30 },
  );
});

test("a flood takes its share plus one job from those that wait, and their shares are even", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 8 }), (others, slots) => {
      const small = (account: string, jobs: number): Customer => ({
        account,
        serviceClass: "standard",
        weight: 1,
        costs: Array(jobs).fill(1_000),
      });
      const customers = [small("flood", 400), ...Array.from({ length: others }, (_, n) => small(`a${n}`, 20))];
      const house = lane(slots, customers);
      for (let n = 0; n < (others + 1) * 15; n++) house.turn();
      const each = customers.slice(1).map(({ account }) => served(house.started, account));
      expect(jain(each)).toBeGreaterThanOrEqual(0.99);
      expect(served(house.started, "flood")).toBeLessThanOrEqual(Math.min(...each) + 1_000);
    }),
  );
});

test.each([1, 2, 3, 4, 5, 6].flatMap((slots) => [0.1, 0.5, 2, 10].map((factor) => ({ slots, factor }))))(
  "what was thought of a job and what it took make no lasting difference ($slots slots, $factor times)",
  ({ slots, factor }) => {
    const one = (account: string): Customer => ({ account, serviceClass: "standard", weight: 1, costs: Array(700).fill(1_000) });
    const house = lane(slots, [one("honest"), one("misjudged")]);
    const took = ({ id }: Candidate) => (id.startsWith("misjudged") ? 1_000 * factor : 1_000);
    for (let n = 0; n < 600; n++) house.turn(1, took);
    const had = (account: string) => house.started.filter((job) => job.account === account).reduce((sum, job) => sum + took(job), 0);
    // What is in the lane has not been settled.
    const unsettled = (slots + 2) * 1_000 * Math.max(1, factor);
    expect(Math.abs(had("honest") - had("misjudged"))).toBeLessThanOrEqual(2 * unsettled);
  },
);

test("an account that was idle begins where the others are: it has saved nothing up", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 4 }), (idleTurns, slots) => {
      const one = (account: string, jobs: number): Customer => ({
        account,
        serviceClass: "standard",
        weight: 1,
        costs: Array(jobs).fill(1_000),
      });
      const house = lane(slots, [one("steady", 1_000), one("idle", 0)]);
      for (let n = 0; n < idleTurns; n++) house.turn();
      const before = house.started.length;
      house.arrive(
        "idle",
        Array.from({ length: 500 }, (_, seq) => ({ id: `idle-${seq}`, seq, costMs: 1_000 })),
      );
      for (let n = 0; n < 60; n++) house.turn();
      const since = house.started.slice(before);
      expect(Math.abs(served(since, "idle") - served(since, "steady"))).toBeLessThanOrEqual(2_000);
    }),
  );
});

test("premium is first, and of any four starts one is standard while one waits", () => {
  fc.assert(
    fc.property(fc.array(cost, { minLength: 80, maxLength: 80 }), fc.integer({ min: 1, max: 8 }), (costs, slots) => {
      const house = lane(slots, [
        { account: "gold", serviceClass: "premium", weight: 4, costs },
        { account: "plain", serviceClass: "standard", weight: 1, costs },
      ]);
      for (let n = 0; n < 60; n++) house.turn();
      const classes = house.started.map(({ serviceClass }) => serviceClass);
      expect(classes[0]).toBe("premium");
      for (let n = 0; n + premiumInARowMax < classes.length; n++) expect(classes.slice(n, n + premiumInARowMax + 1)).toContain("standard");
      expect(classes.filter((one) => one === "premium").length).toBeGreaterThan(classes.length / 2);
    }),
  );
});

test("while premium is expected a lane of two slots or more keeps one for it, and standard keeps one always", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), (slots) => {
      const most = standardMax({ windowSize: slots + 1, premiumExpected: true });
      expect(most).toBeGreaterThanOrEqual(1);
      if (slots >= 2) expect(most).toBeLessThan(slots);
      expect(standardMax({ windowSize: slots + 1, premiumExpected: false })).toBe(slots + 1);
    }),
  );
});

test("no account has more in the lane than its cap, and the lane no more than its window", () => {
  const customer = fc.record({ cap: fc.integer({ min: 1, max: 4 }), costs: fc.array(cost, { maxLength: 12 }), premium: fc.boolean() });
  fc.assert(
    fc.property(fc.array(customer, { maxLength: 8 }), fc.integer({ min: 1, max: 8 }), (drawn, slots) => {
      const house = lane(
        slots,
        drawn.map(({ premium, ...one }, n) => ({ ...one, account: `a${n}`, weight: 1, serviceClass: premium ? "premium" : "standard" })),
      );
      const { picks } = house.turn(0);
      expect(picks.length).toBeLessThanOrEqual(slots + 1);
      for (const [n, { cap }] of drawn.entries())
        expect(picks.filter(({ account }) => account === `a${n}`).length).toBeLessThanOrEqual(cap);
    }),
  );
});

test("the shortlist misses nobody who would be chosen", () => {
  const waiter = fc.record({
    served: fc.integer({ min: 0, max: 9_000 }),
    waiting: fc.boolean(),
    weight: fc.constantFrom(1, 4),
    costMs: cost,
    premium: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(waiter, { maxLength: 30 }), fc.integer({ min: 0, max: 6 }), (drawn, slots) => {
      const all = drawn.map(({ costMs, premium, ...one }, n) => ({
        ...one,
        account: `a${n}`,
        serviceClass: premium ? ("premium" as const) : ("standard" as const),
        room: 3,
        jobs: [0, 1, 2].map((m) => ({ id: `a${n}-${m}`, seq: n * 3 + m, costMs })),
      }));
      const clock = { standard: 2_000, premium: 2_000, premiumInARow: 0 };
      const state = { windowSize: slots + 1, inside: { standard: 0, premium: 0 }, premiumExpected: false, clock };
      const near = new Set(shortlist(all, clock, slots + 1).map(({ account }) => account));
      const known = all.map((one) => (near.has(one.account) ? one : { ...one, jobs: [] }));
      const costs = (picks: { costMs: number; account: string }[]) => picks.map(({ account }) => account);
      const chosen = choose(state, all);
      // Of those that were served alike either may be chosen.
      const ties = new Set([...chosen.served.values()]).size < chosen.served.size;
      if (!ties) expect(costs(choose(state, known).picks)).toEqual(costs(chosen.picks));
      expect(choose(state, known).picks).toHaveLength(chosen.picks.length);
    }),
  );
});
