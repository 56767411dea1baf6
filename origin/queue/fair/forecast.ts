// When a waiting job may start: roughly what the fair choice will do with what waits now, at the pace that the lane had lately.
import { premiumInARowMax, type ServiceClass } from "./choose.ts";

export type Waiting = { account: string; serviceClass: ServiceClass; weight: number; runningMax: number; jobs: number; costMs: number };
/** What waits in a lane, by account; `rate` is the cost that leaves it in a millisecond, where that is known. */
export type LaneLoad = { waiting: readonly Waiting[]; rate: number | undefined };
/** A job of an account, and what the account has before it. */
export type Own = Omit<Waiting, "jobs" | "costMs"> & { costMs: number; before: Amount };
type Amount = { jobs: number; costMs: number };
export type Forecast = { position: number; startsInMs: number | undefined };

const none: Amount = { jobs: 0, costMs: 0 };
const add = (a: Amount, b: Amount): Amount => ({ jobs: a.jobs + b.jobs, costMs: a.costMs + b.costMs });
const part = ({ jobs, costMs }: Amount, share: number): Amount => ({ jobs: jobs * share, costMs: costMs * share });

export function forecast({ waiting, rate }: LaneLoad, own: Own): Forecast {
  const others = waiting.filter(({ account }) => account !== own.account);
  // By the time that this job is chosen, each other account of its class was served as much by weight.
  const servedByThen = (own.before.costMs + own.costMs) / own.weight;
  const alike = others
    .filter(({ serviceClass }) => serviceClass === own.serviceClass)
    .map((other) => part(other, other.costMs > 0 ? Math.min(1, (servedByThen * other.weight) / other.costMs) : 1))
    .reduce(add, own.before);
  const rest = others.filter(({ serviceClass }) => serviceClass !== own.serviceClass).reduce<Amount>(add, none);
  const passing = own.serviceClass === "premium" ? alike.jobs / premiumInARowMax : (alike.jobs + 1) * premiumInARowMax;
  const ahead = add(alike, part(rest, rest.jobs > 0 ? Math.min(1, passing / rest.jobs) : 0));
  return {
    position: 1 + Math.floor(ahead.jobs),
    startsInMs: rate === undefined ? undefined : Math.round(Math.max(ahead.costMs / rate, own.before.costMs / own.runningMax)),
  };
}
