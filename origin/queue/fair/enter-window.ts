import { eq, sql } from "drizzle-orm";
import type { Lane } from "#contract/operation.ts";
import type { Database } from "../../db/database.ts";
import { jobs, laneClocks } from "../../db/schema.ts";
import { type Choice, choose, shortlist } from "./choose.ts";
import { observe } from "./drain.ts";
import { charging, refundShare } from "./shares.ts";
import { candidatesOf, type Look, look } from "./waiters.ts";

/** The number is arbitrary and ours. */
const dispatchLock = 7_236_002;

type Entered = { id: string; attempt: number };

/** Moves the jobs that are next in a lane into its window, up to `windowSize`, charges their accounts, and gives them their attempt; in the order in which they start. */
export async function enterWindow(db: Database, lane: Lane, windowSize: number): Promise<Entered[]> {
  // Most wakes find a full window, or nobody who waits: that needs no lock, because what changes it is followed by a wake of its own.
  if (!hasChoice(await look(db, lane), windowSize)) return [];
  return db.transaction(async (tx) => {
    // One dispatch at a time: two that count the same account would each find room.
    await tx.execute(sql`select pg_advisory_xact_lock(${dispatchLock})`);
    const seen = await look(tx, lane);
    if (!hasChoice(seen, windowSize)) return [];
    const { inside, waiters, clock } = seen;
    const free = freeOf(inside, windowSize);
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
    const saturated = withJobs.some(({ account, jobs: of, room }) => {
      const taken = choice.picks.filter((pick) => pick.account === account).length;
      return taken < Math.min(room, near.some((each) => each.account === account) ? of.length : 1);
    });
    const entered = await write(tx, lane, { seen, choice, saturated });
    for (const pick of choice.picks) if (!entered.some(({ id }) => id === pick.id)) await refundShare(tx, { lane, ...pick });
    return entered;
  });
}

const freeOf = ({ standard, premium }: Look["inside"], windowSize: number): number => windowSize - standard - premium;
const hasChoice = ({ inside, waiters }: Look, windowSize: number): boolean => freeOf(inside, windowSize) > 0 && waiters.length > 0;

type Decided = { seen: Look; choice: Choice; saturated: boolean };

/** All that the choice changes, in one statement. Its `select` is what runs first: rows of jobs are always locked before those of shares. */
async function write(db: Database, lane: Lane, { seen, choice, saturated }: Decided): Promise<Entered[]> {
  const ids = choice.picks.map(({ id }) => id);
  const picked = sql`array(select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`;
  const entered = db.$with("entered").as(
    db
      .update(jobs)
      .set({ windowAt: sql`now()`, attempt: sql`${jobs.attempt} + 1` })
      .where(sql`${jobs.id} = any(${picked}) and ${jobs.state} = 'queued' and ${jobs.windowAt} is null`)
      .returning({ id: jobs.id, attempt: jobs.attempt }),
  );
  const clock = db.$with("clock").as(
    db
      .update(laneClocks)
      .set(after(seen, choice, saturated))
      .where(eq(laneClocks.lane, lane)),
  );
  const rows = await db
    .with(entered, ...charging(db, lane, seen.waiters, choice), clock)
    .select()
    .from(entered);
  return rows.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
}

/** What the dispatcher remembers until the next choice. */
function after({ clock: before, waiters }: Look, { picks, clock }: Choice, saturated: boolean) {
  const costMs = picks.reduce((sum, pick) => sum + pick.costMs, 0);
  const classOf = new Map(waiters.map(({ account, serviceClass }) => [account, serviceClass]));
  return {
    standard: clock.standard,
    premium: clock.premium,
    premiumInARow: clock.premiumInARow,
    ...observe(before, { saturated: before.saturated, sinceMs: before.sinceMs, jobs: picks.length, costMs }),
    saturated,
    chosenAt: sql`now()`,
    ...(picks.some(({ account }) => classOf.get(account) === "premium") && { premiumAt: sql`now()` }),
  };
}
