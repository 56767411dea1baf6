// What waits and runs now, by lane and class, and what the waiting costs by account. For the eyes of operators.
import { sql } from "drizzle-orm";
import { z } from "zod";
import { Lane, lanes } from "#contract/operation.ts";
import { TierLimits } from "#contract/tiers.ts";
import type { Database } from "../db/database.ts";
import { accounts, jobs, quarantine, tierVersions } from "../db/schema.ts";

const ServiceClass = TierLimits.shape.service_class;
const serviceClasses = ServiceClass.options;
type ServiceClass = z.infer<typeof ServiceClass>;

const Row = z.object({
  lane: Lane,
  class: ServiceClass,
  account: z.string(),
  queued: z.coerce.number(),
  window: z.coerce.number(),
  running: z.coerce.number(),
  oldest_s: z.coerce.number(),
  cost_ms: z.coerce.number(),
});

export type Depth = {
  lane: Lane;
  class: ServiceClass;
  queued: number;
  window: number;
  running: number;
  oldestSeconds: number;
};
export type Backlog = {
  depths: Depth[];
  /** The accounts whose waiting jobs cost most, and all others as one. */
  costs: { account: string; costMs: number }[];
  quarantine: { files: number; refused: number };
};

export const costliestAccounts = 10;
export const otherAccounts = "others";

/** Reads only what has not ended, by the index `jobs_unended`. */
export async function readBacklog(db: Database): Promise<Backlog> {
  const rows = z.array(Row).parse(await db.select(columns).from(sql`(${unfinished}) as b`));
  const [locked] = await db
    .select({ files: sql<number>`count(*)::int`, refused: sql<number>`coalesce(sum(${quarantine.refused}), 0)::int` })
    .from(quarantine)
    .where(sql`${quarantine.until} > now()`);
  return { depths: depthsOf(rows), costs: costsOf(rows), quarantine: locked ?? { files: 0, refused: 0 } };
}

function depthsOf(rows: z.infer<typeof Row>[]): Depth[] {
  return lanes.flatMap((lane) =>
    serviceClasses.map((name) => {
      const own = rows.filter((row) => row.lane === lane && row.class === name);
      const sum = (part: "queued" | "window" | "running") => own.reduce((total, row) => total + row[part], 0);
      const oldestSeconds = Math.max(0, ...own.map(({ oldest_s }) => oldest_s));
      return { lane, class: name, queued: sum("queued"), window: sum("window"), running: sum("running"), oldestSeconds };
    }),
  );
}

function costsOf(rows: z.infer<typeof Row>[]): Backlog["costs"] {
  const byAccount = new Map<string, number>();
  for (const { account, cost_ms } of rows) if (cost_ms > 0) byAccount.set(account, (byAccount.get(account) ?? 0) + cost_ms);
  const sorted = [...byAccount].sort(([, a], [, b]) => b - a);
  const rest = sorted.slice(costliestAccounts).reduce((sum, [, costMs]) => sum + costMs, 0);
  const named = sorted.slice(0, costliestAccounts).map(([account, costMs]) => ({ account, costMs }));
  return rest > 0 ? [...named, { account: otherAccounts, costMs: rest }] : named;
}

const names = Object.keys(Row.shape) as (keyof typeof Row.shape)[];
const columns = Object.fromEntries(names.map((name) => [name, sql.raw(`b."${name}"`)])) as Record<
  (typeof names)[number],
  ReturnType<typeof sql.raw>
>;

const unfinished = sql`
  select q.*, coalesce(a.limit_overrides->>'service_class',
    (select t.limits->>'service_class' from ${tierVersions} t where t.name = a.tier order by t.version desc limit 1), 'standard') as class
  from (
    select lane, account,
      count(*) filter (where state = 'queued') as queued,
      count(*) filter (where state = 'queued' and window_at is not null) as window,
      count(*) filter (where state = 'running') as running,
      coalesce(extract(epoch from now() - min(created_at) filter (where state = 'queued')), 0) as oldest_s,
      coalesce(sum(cost_ms) filter (where state = 'queued'), 0) as cost_ms
    from ${jobs} where lane in (${sql.join(
      lanes.map((lane) => sql`${lane}`),
      sql`, `,
    )}) and state in ('queued', 'running') group by 1, 2
  ) q left join ${accounts} a on a.id = q.account`;
