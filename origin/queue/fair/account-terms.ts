import { type SQL, sql } from "drizzle-orm";
import { accounts, tierVersions } from "../../db/schema.ts";

/** The accounts' terms of service as they are now, as rows (account, suspended, service_class, weight, running_max): the tier's newest version under the account's own. */
export function accountTerms(): SQL {
  const limit = (name: string) => sql`coalesce(a.limit_overrides->>${sql.raw(`'${name}'`)}, t.limits->>${sql.raw(`'${name}'`)})`;
  return sql`(
    select a.id as account, a.suspended_at is not null as suspended, ${limit("service_class")} as service_class, ${limit("weight")}::int as weight, ${limit("jobs_running_max")}::int as running_max
    from ${accounts} a
    join (select distinct on (name) name, limits from ${tierVersions} order by name, version desc) t on t.name = a.tier
  )`;
}
