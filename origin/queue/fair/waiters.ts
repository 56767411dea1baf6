// Reads who waits for a lane, by one index probe per account and not per job.
import { type SQL, sql } from "drizzle-orm";
import type { Lane } from "#contract/operation.ts";
import type { Database } from "../../db/database.ts";
import { jobs, laneShares } from "../../db/schema.ts";
import { accountTerms } from "./account-terms.ts";
import type { Candidate, ServiceClass, Waiter } from "./choose.ts";

/** The predicates of the indexes `jobs_waiting` and `jobs_inside`. */
const inBacklog = (lane: Lane): SQL => sql`j.state = 'queued' and j.window_at is null and j.lane = ${lane}`;
const inLane = sql`(j.state = 'running' or (j.state = 'queued' and j.window_at is not null))`;
/** Neither a retry before its time nor a job whose time is over. */
const startable = sql`(j.not_before is null or j.not_before <= now()) and (j.queue_expires_at is null or j.queue_expires_at > now())`;

/** How many jobs are in this lane's window or running, by class, and in all lanes by account. */
export async function insideOf(
  db: Database,
  lane: Lane,
): Promise<{ byClass: Record<ServiceClass, number>; byAccount: Map<string, number> }> {
  const rows = await db
    .select({
      account: sql<string>`i.account`,
      lane: sql<Lane>`i.lane`,
      count: sql<number>`i.count`,
      serviceClass: sql<ServiceClass>`i.service_class`,
    })
    .from(
      sql`(
        select b.*, terms.service_class
        from (select j.account, j.lane, count(*)::int as count from ${jobs} j where ${inLane} group by j.account, j.lane) b
        join lateral (select service_class from ${accountTerms()} all_terms where all_terms.account = b.account) terms on true
      ) i`,
    );
  const byClass = { standard: 0, premium: 0 };
  const byAccount = new Map<string, number>();
  for (const row of rows) {
    if (row.lane === lane) byClass[row.serviceClass] += row.count;
    byAccount.set(row.account, (byAccount.get(row.account) ?? 0) + row.count);
  }
  return { byClass, byAccount };
}

/** The accounts with a job of the lane that could start, and room for one under their cap. What a suspended account sent waits until it is let in again, or expires. */
export async function waitersOf(db: Database, lane: Lane, inside: Map<string, number>): Promise<Omit<Waiter, "jobs">[]> {
  const rows = await db
    .select({
      account: sql<string>`w.account`,
      serviceClass: sql<ServiceClass>`w.service_class`,
      weight: sql<number>`w.weight`,
      runningMax: sql<number>`w.running_max`,
      served: sql<number>`w.served`,
      waiting: sql<boolean>`w.waiting`,
    })
    .from(
      sql`(
        with recursive walk(account) as (
          (select j.account from ${jobs} j where ${inBacklog(lane)} order by j.account limit 1)
          union all
          select (select j.account from ${jobs} j where ${inBacklog(lane)} and j.account > walk.account order by j.account limit 1)
          from walk where walk.account is not null
        )
        select terms.*, coalesce(s.served, 0) as served, coalesce(s.waiting, false) as waiting
        from walk
        join ${accountTerms()} terms on terms.account = walk.account and not terms.suspended
        left join ${laneShares} s on s.lane = ${lane} and s.account = walk.account
        where exists (select 1 from ${jobs} j where ${inBacklog(lane)} and j.account = walk.account and ${startable})
      ) w`,
    );
  return rows
    .map(({ runningMax, ...row }) => ({ ...row, room: runningMax - (inside.get(row.account) ?? 0) }))
    .filter(({ room }) => room > 0);
}

/** Of each account its next jobs, at most `count`: the ones whose turn came first. */
export async function candidatesOf(
  db: Database,
  lane: Lane,
  accounts: readonly string[],
  count: number,
): Promise<Map<string, Candidate[]>> {
  const found = new Map<string, Candidate[]>(accounts.map((account) => [account, []]));
  const rows = await db
    .select({ account: sql<string>`c.account`, id: sql<string>`c.id`, seq: sql<number>`c.seq::int`, costMs: sql<number>`c.cost_ms` })
    .from(
      sql`(
        select n.* from jsonb_array_elements_text(${JSON.stringify(accounts)}::jsonb) with ordinality as a(account, place)
        cross join lateral (
          select j.account, j.id, j.seq, j.cost_ms, j.turn_at from ${jobs} j
          where ${inBacklog(lane)} and j.account = a.account and ${startable}
          order by j.turn_at, j.seq limit ${count}
        ) n
        order by a.place, n.turn_at, n.seq
      ) c`,
    );
  for (const { account, ...candidate } of rows) found.get(account)?.push(candidate);
  return found;
}
