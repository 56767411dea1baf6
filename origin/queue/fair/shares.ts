// The accounts' shares of a lane in rows: charged with the estimate as a job is chosen, settled with what it took when its run ends.
import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Lane } from "#contract/operation.ts";
import type { Database } from "../../db/database.ts";
import { type JobRow, laneShares } from "../../db/schema.ts";
import type { Choice, Waiter } from "./choose.ts";

/** What writes the choice's charges: to those that were chosen, to those that wait since then, and to those that wait no longer. */
export function charging(db: Database, lane: Lane, waiters: readonly Omit<Waiter, "jobs">[], { served }: Choice) {
  const still = waiters.filter(({ waiting }) => waiting).map(({ account }) => account);
  const changed = waiters
    .filter((waiter) => !waiter.waiting || served.get(waiter.account) !== waiter.served)
    .map(({ account, weight, served: before }) => ({ account, weight, served: served.get(account) ?? before }));
  const rested = db.$with("rested", {}).as(
    sql`update ${laneShares} set waiting = false
      where lane = ${lane} and waiting and account <> all(array(select jsonb_array_elements_text(${JSON.stringify(still)}::jsonb)))`,
  );
  const charged = db.$with("charged", {}).as(
    sql`insert into ${laneShares} (lane, account, served, weight, waiting)
      select ${lane}, c.account, c.served, c.weight, true
      from jsonb_to_recordset(${JSON.stringify(changed)}::jsonb) as c(account text, served float8, weight int)
      on conflict (lane, account) do update set served = excluded.served, weight = excluded.weight, waiting = true, updated_at = now()`,
  );
  return [rested, charged];
}

/**
 * Corrects what the accounts of jobs were charged, in the statement that takes them out of the lane and names them `ended`:
 * who ran pays for the time that the slot was kept busy instead of the estimate, and who left the window without a run pays nothing.
 */
export function correcting(db: Database, which: { inLane: SQL; ran: SQL }) {
  return db.$with("corrected", {}).as(
    sql`update ${laneShares} s set served = greatest(0, s.served + d.by_ms / s.weight), updated_at = now()
      from (
        select e.lane, e.account,
          sum(case when ${which.ran} then extract(epoch from clock_timestamp() - e.started_at) * 1000 else 0 end - e.cost_ms)::float8 as by_ms
        from ended e where ${which.inLane} group by e.lane, e.account
      ) d
      where s.lane = d.lane and s.account = d.account`,
  );
}

/** A chosen job that did not enter the window after all costs nothing. */
export async function refundShare(db: Database, { lane, account, costMs }: Pick<JobRow, "lane" | "account" | "costMs">): Promise<void> {
  await db
    .update(laneShares)
    .set({ served: sql`greatest(0, ${laneShares.served} - ${costMs}::float8 / ${laneShares.weight})`, updatedAt: sql`now()` })
    .where(and(eq(laneShares.lane, lane), eq(laneShares.account, account)));
}
