import { setTimeout as sleep } from "node:timers/promises";

/** Does a thing, and answers after so long at least: how much there was to do cannot be read off the time. */
export async function noSoonerThan<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  const [done] = await Promise.allSettled([work(), sleep(limitMs)]);
  if (done.status === "rejected") throw done.reason;
  return done.value;
}
