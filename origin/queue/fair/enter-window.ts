import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Lane } from "#contract/operation.ts";
import type { Database } from "../../db/database.ts";
import { jobs, type LaneClockRow, laneClocks, laneShares } from "../../db/schema.ts";
import { type Choice, choose, shortlist } from "./choose.ts";
import { observe } from "./drain.ts";
import { charge, refundShare } from "./shares.ts";
import { candidatesOf, insideOf, waitersOf } from "./waiters.ts";

/** The number is arbitrary and ours. */
const dispatchLock = 7_236_002;
/** After a premium job slots are kept for the next one for so long. */
const premiumExpectedMs = 60_000;

type Entered = { id: string; attempt: number };

/** Moves the jobs that are next in a lane into its window, up to `windowSize`, charges their accounts, and gives them their attempt; in the order in which they start. */
export async function enterWindow(db: Database, lane: Lane, windowSize: number): Promise<Entered[]> {
  // A full window is what most wakes find: that needs no lock, because the end that makes room is followed by a wake of its own.
  if (freeOf(windowSize, await insideOf(db, lane)) <= 0) return [];
  return db.transaction(async (tx) => {
    // One dispatch at a time: two that count the same account would each find room.
    await tx.execute(sql`select pg_advisory_xact_lock(${dispatchLock})`);
    const present = await insideOf(tx, lane);
    const { byClass: inside, byAccount } = present;
    const free = freeOf(windowSize, present);
    if (free <= 0) return [];
    const waiters = await waitersOf(tx, lane, byAccount);
    if (waiters.length === 0) return [];

    const clock = await clockOf(tx, lane);
    const near = shortlist(waiters, clock, free);
    const next = await candidatesOf(
      tx,
      lane,
      near.map(({ account }) => account),
      // One more than fits: whether any is left is remembered.
      free + 1,
    );
    const premiumExpected = inside.premium > 0 || clock.premiumExpected || waiters.some(({ serviceClass }) => serviceClass === "premium");
    const withJobs = waiters.map((waiter) => ({ ...waiter, jobs: next.get(waiter.account) ?? [] }));
    const choice = choose({ windowSize, inside, premiumExpected, clock }, withJobs);
    // Rows of jobs are always locked before those of shares.
    const entered = await enter(tx, choice);
    await charge(tx, lane, waiters, clock.waited, choice);
    for (const pick of choice.picks) if (!entered.some(({ id }) => id === pick.id)) await refundShare(tx, { lane, ...pick });
    await remember(tx, lane, clock, choice, {
      saturated: withJobs.some(({ account, jobs: of, room }) => {
        const taken = choice.picks.filter((pick) => pick.account === account).length;
        return taken < Math.min(room, near.some((each) => each.account === account) ? of.length : 1);
      }),
      premium: choice.picks.some(({ account }) => waiters.find((waiter) => waiter.account === account)?.serviceClass === "premium"),
    });
    return entered;
  });
}

const freeOf = (windowSize: number, { byClass: { standard, premium } }: Awaited<ReturnType<typeof insideOf>>): number =>
  windowSize - standard - premium;

async function enter(db: Database, { picks }: Choice): Promise<Entered[]> {
  if (picks.length === 0) return [];
  const ids = picks.map(({ id }) => id);
  const rows = await db
    .update(jobs)
    .set({ windowAt: sql`now()`, attempt: sql`${jobs.attempt} + 1` })
    .where(and(inArray(jobs.id, ids), eq(jobs.state, "queued"), isNull(jobs.windowAt)))
    .returning({ id: jobs.id, attempt: jobs.attempt });
  return rows.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
}

/** `waited`: how many accounts did at the choice before. */
type ClockNow = LaneClockRow & { waited: number; sinceMs: number; premiumExpected: boolean };

async function clockOf(db: Database, lane: Lane): Promise<ClockNow> {
  const read = () =>
    db
      .select({
        row: laneClocks,
        waited: sql<number>`(select count(*)::int from ${laneShares} where ${laneShares.lane} = ${lane} and ${laneShares.waiting})`,
        sinceMs: sql<number>`coalesce(extract(epoch from now() - ${laneClocks.chosenAt}) * 1000, 0)::float8`,
        premiumExpected: sql<boolean>`coalesce(${laneClocks.premiumAt} > now() - make_interval(secs => ${premiumExpectedMs / 1_000}), false)`,
      })
      .from(laneClocks)
      .where(eq(laneClocks.lane, lane));
  let [found] = await read();
  if (!found) {
    await db.insert(laneClocks).values({ lane }).onConflictDoNothing();
    [found] = await read();
  }
  if (!found) throw new Error(`the lane ${lane} has no clock`);
  return { ...found.row, waited: found.waited, sinceMs: found.sinceMs, premiumExpected: found.premiumExpected };
}

async function remember(
  db: Database,
  lane: Lane,
  before: ClockNow,
  { picks, clock }: Choice,
  { saturated, premium }: { saturated: boolean; premium: boolean },
): Promise<void> {
  const costMs = picks.reduce((sum, pick) => sum + pick.costMs, 0);
  const drain = observe(before, { saturated: before.saturated, sinceMs: before.sinceMs, jobs: picks.length, costMs });
  await db
    .update(laneClocks)
    .set({
      standard: clock.standard,
      premium: clock.premium,
      premiumInARow: clock.premiumInARow,
      ...drain,
      saturated,
      chosenAt: sql`now()`,
      ...(premium && { premiumAt: sql`now()` }),
    })
    .where(eq(laneClocks.lane, lane));
}
