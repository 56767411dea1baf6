// The accounts' shares of a lane in rows: charged with the estimate as a job is chosen, settled with what it took when its run ends.
import { and, eq, notInArray, sql } from "drizzle-orm";
import type { Lane } from "#contract/operation.ts";
import type { Database } from "../../db/database.ts";
import { type JobRow, laneShares } from "../../db/schema.ts";
import type { Choice, Waiter } from "./choose.ts";

/** Writes what the choice changed; `waited` accounts did before it: those that were charged, those that wait since then, and those that wait no longer. */
export async function charge(
  db: Database,
  lane: Lane,
  waiters: readonly Omit<Waiter, "jobs">[],
  waited: number,
  { served }: Choice,
): Promise<void> {
  const still = waiters.filter(({ waiting }) => waiting).map(({ account }) => account);
  if (waited > still.length)
    await db
      .update(laneShares)
      .set({ waiting: false })
      .where(and(eq(laneShares.lane, lane), laneShares.waiting, notInArray(laneShares.account, still)));
  const rows = waiters
    .filter((waiter) => !waiter.waiting || served.get(waiter.account) !== waiter.served)
    .map(({ account, weight, served: before }) => ({ lane, account, weight, waiting: true, served: served.get(account) ?? before }));
  if (rows.length === 0) return;
  await db
    .insert(laneShares)
    .values(rows)
    .onConflictDoUpdate({
      target: [laneShares.lane, laneShares.account],
      set: { served: sql`excluded.served`, weight: sql`excluded.weight`, waiting: true, updatedAt: sql`now()` },
    });
}

type Charged = Pick<JobRow, "lane" | "account" | "costMs">;

/** A run has ended, however it did: its account pays for the time that the slot was kept busy instead of the estimate. */
export async function settleShare(db: Database, row: Charged & Pick<JobRow, "startedAt">): Promise<void> {
  const { startedAt } = row;
  if (startedAt === null) return;
  const tookMs = sql`extract(epoch from clock_timestamp() - ${startedAt.toISOString()}::timestamptz) * 1000`;
  await correct(db, row, sql`(${tookMs} - ${row.costMs})`);
}

/** A job has left the window without a run: it costs nothing. */
export const refundShare = (db: Database, row: Charged): Promise<void> => correct(db, row, sql`(0 - ${row.costMs}::float8)`);

async function correct(db: Database, { lane, account }: Charged, byMs: ReturnType<typeof sql>): Promise<void> {
  await db
    .update(laneShares)
    .set({ served: sql`greatest(0, ${laneShares.served} + ${byMs} / ${laneShares.weight})`, updatedAt: sql`now()` })
    .where(and(eq(laneShares.lane, lane), eq(laneShares.account, account)));
}
