// Reads who waits for a lane, by one index probe per account and not per job.
import { eq, type SQL, sql } from "drizzle-orm";
import type { Lane } from "#contract/operation.ts";
import type { Database } from "../../db/database.ts";
import { jobs, type LaneClockRow, laneClocks, laneShares } from "../../db/schema.ts";
import { accountTerms } from "./account-terms.ts";
import type { Candidate, ServiceClass, Waiter } from "./choose.ts";

/** The predicates of the indexes `jobs_waiting` and `jobs_inside`. */
const inBacklog = (lane: Lane): SQL => sql`j.state = 'queued' and j.window_at is null and j.lane = ${lane}`;
const inLane = sql`(j.state = 'running' or (j.state = 'queued' and j.window_at is not null))`;
/** Neither a retry before its time nor a job whose time is over. */
const startable = sql`(j.not_before is null or j.not_before <= now()) and (j.queue_expires_at is null or j.queue_expires_at > now())`;

/** What a choice is made from. */
export type Look = {
  /** How many jobs are in the lane's window or running. */
  inside: Record<ServiceClass, number>;
  /** The accounts with a job of the lane that could start, and room for one under their cap. What a suspended account sent waits until it is let in again, or expires. */
  waiters: Omit<Waiter, "jobs">[];
  clock: LaneClockRow & { sinceMs: number; premiumExpected: boolean };
};

/** After a premium job slots are kept for the next one for so long. */
const premiumExpectedSeconds = 60;

/** The lane as it is now, in one statement. */
export async function look(db: Database, lane: Lane): Promise<Look> {
  const [seen] = await db
    .select({
      clock: laneClocks,
      sinceMs: sql<number>`coalesce(extract(epoch from now() - ${laneClocks.chosenAt}) * 1000, 0)::float8`,
      premiumExpected: sql<boolean>`coalesce(${laneClocks.premiumAt} > now() - make_interval(secs => ${sql.raw(`${premiumExpectedSeconds}`)}), false)`,
      parties: sql<Party[]>`(select coalesce(json_agg(p), '[]') from (${partiesOf(lane)}) p)`,
    })
    .from(laneClocks)
    .where(eq(laneClocks.lane, lane));
  if (!seen) {
    await db.insert(laneClocks).values({ lane }).onConflictDoNothing();
    return look(db, lane);
  }
  const { clock, sinceMs, premiumExpected, parties } = seen;
  const inside = { standard: 0, premium: 0 };
  for (const { service_class, here } of parties) inside[service_class] += here;
  const waiters = parties
    .filter(({ startable, running_max, everywhere }) => startable && running_max > everywhere)
    .map(({ account, service_class: serviceClass, weight, served, waiting, running_max, everywhere }) => ({
      account,
      serviceClass,
      weight,
      served,
      waiting,
      room: running_max - everywhere,
    }));
  return { inside, waiters, clock: { ...clock, sinceMs, premiumExpected } };
}

/** An account that waits for the lane, or has jobs in lanes: `here` in this one, `everywhere` in all of them. */
type Party = Omit<Waiter, "jobs" | "room" | "serviceClass"> & {
  service_class: ServiceClass;
  running_max: number;
  here: number;
  everywhere: number;
  startable: boolean;
};

const partiesOf = (lane: Lane): SQL => sql`
  with recursive walk(account) as (
    (select j.account from ${jobs} j where ${inBacklog(lane)} order by j.account limit 1)
    union all
    select (select j.account from ${jobs} j where ${inBacklog(lane)} and j.account > walk.account order by j.account limit 1)
    from walk where walk.account is not null
  ), inside as (
    select j.account, count(*)::int as everywhere, (count(*) filter (where j.lane = ${lane}))::int as here
    from ${jobs} j where ${inLane} group by j.account
  )
  select n.account, t.service_class, t.weight, t.running_max, coalesce(i.here, 0) as here, coalesce(i.everywhere, 0) as everywhere,
    coalesce(s.served, 0) as served, coalesce(s.waiting, false) as waiting,
    not t.suspended and exists (select 1 from ${jobs} j where ${inBacklog(lane)} and j.account = n.account and ${startable}) as startable
  from (select account from walk where account is not null union select account from inside) n
  join ${accountTerms()} t on t.account = n.account
  left join inside i on i.account = n.account
  left join ${laneShares} s on s.lane = ${lane} and s.account = n.account`;

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
