// Who is next in a lane: start-time fair queueing over accounts, by service class. Its bounds are in docs/decisions/0007-fair-dispatch.md.
import type { TierLimits } from "#contract/tiers.ts";

export type ServiceClass = TierLimits["service_class"];
export type Candidate = { id: string; seq: number; costMs: number };
/** An account that could start a job of the lane now. */
export type Waiter = {
  account: string;
  serviceClass: ServiceClass;
  weight: number;
  /** Milliseconds of slot by weight that it has had. */
  served: number;
  /** Whether it could have started a job at the choice before. */
  waiting: boolean;
  /** How many more jobs its tier lets into lanes. */
  room: number;
  /** Its next jobs, in order. */
  jobs: Candidate[];
};
/** By class, what had been served to the account that was chosen last. */
export type Clock = Record<ServiceClass, number> & { premiumInARow: number };
export type Lane = {
  /** The lane's slots and one. */
  windowSize: number;
  inside: Record<ServiceClass, number>;
  /** Whether a premium job may come any moment: slots are kept for it. */
  premiumExpected: boolean;
  clock: Clock;
};
export type Choice = { picks: (Candidate & { account: string })[]; clock: Clock; served: Map<string, number> };

/** After so many premium jobs in a row a standard one is next, when one waits. */
export const premiumInARowMax = 3;

/** How many jobs of the standard class may be in the lane: a quarter of its slots, and at least one of two, is kept for premium. */
export function standardMax({ windowSize, premiumExpected }: Pick<Lane, "windowSize" | "premiumExpected">): number {
  if (!premiumExpected) return windowSize;
  const slots = windowSize - 1;
  return Math.max(1, slots - Math.max(1, Math.floor(slots / 4)));
}

/** Fills the lane. An account is charged as its job is chosen. */
export function choose({ windowSize, inside, premiumExpected, clock: before }: Lane, waiters: readonly Waiter[]): Choice {
  const clock = { ...before };
  const counts = { ...inside };
  const standing = waiters.map((waiter) => ({ ...waiter, taken: 0 }));
  const served = begin(waiters, before);
  const picks: Choice["picks"] = [];
  const servedTo = ({ account }: Waiter): number => served.get(account) ?? 0;

  const first = (serviceClass: ServiceClass) =>
    standing
      .filter((waiter) => waiter.serviceClass === serviceClass && waiter.taken < Math.min(waiter.room, waiter.jobs.length))
      .reduce<(typeof standing)[number] | undefined>((best, waiter) => {
        if (best === undefined || servedTo(waiter) < servedTo(best)) return waiter;
        return servedTo(waiter) === servedTo(best) && headOf(waiter) < headOf(best) ? waiter : best;
      }, undefined);

  while (counts.standard + counts.premium < windowSize) {
    const standardWaits = first("standard");
    const standard = counts.standard < standardMax({ windowSize, premiumExpected }) ? standardWaits : undefined;
    const premium = first("premium");
    const next = premium && !(standard && clock.premiumInARow >= premiumInARowMax) ? premium : standard;
    const job = next?.jobs[next.taken];
    if (!next || !job) break;
    clock.premiumInARow = next.serviceClass === "premium" && standardWaits ? clock.premiumInARow + 1 : 0;
    clock[next.serviceClass] = Math.max(clock[next.serviceClass], servedTo(next));
    served.set(next.account, servedTo(next) + job.costMs / next.weight);
    counts[next.serviceClass]++;
    next.taken++;
    picks.push({ ...job, account: next.account });
  }
  return { picks, clock, served };
}

const headOf = ({ jobs, taken }: Waiter & { taken: number }): number => jobs[taken]?.seq ?? 0;

/** Who comes back begins where the least served of those that wait is: idleness saves nothing up, and costs nothing. */
export function begin(waiters: readonly Omit<Waiter, "jobs">[], clock: Clock): Map<string, number> {
  const least = (serviceClass: ServiceClass): number => {
    const among = waiters.filter((waiter) => waiter.waiting && waiter.serviceClass === serviceClass).map(({ served }) => served);
    return among.length > 0 ? Math.min(...among) : clock[serviceClass];
  };
  const start = { standard: least("standard"), premium: least("premium") };
  return new Map(
    waiters.map(({ account, waiting, served, serviceClass }) => [account, waiting ? served : Math.max(served, start[serviceClass])]),
  );
}

/** Those that can be among the next `count`: of each class the ones that were served least. */
export function shortlist<W extends Omit<Waiter, "jobs">>(waiters: readonly W[], clock: Clock, count: number): W[] {
  const served = begin(waiters, clock);
  const of = (serviceClass: ServiceClass) =>
    waiters
      .filter((waiter) => waiter.serviceClass === serviceClass)
      .sort((a, b) => (served.get(a.account) ?? 0) - (served.get(b.account) ?? 0))
      .slice(0, count);
  return [...of("premium"), ...of("standard")];
}
