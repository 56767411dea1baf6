import { type SQL, sql } from "drizzle-orm";
import { isFinal, type JobState } from "#contract/jobs.ts";
import { accounts, type JobRow, jobs, tierVersions } from "../db/schema.ts";

/** Results stay for so long where a tier keeps nothing: they must be fetched once. */
const resultHoursMin = 1;

/** When the files of a job that ends now go: after its account's retention, as it is at that moment. */
export function filesExpireAt(state: JobState): SQL<Date> {
  const newestTier = sql`select (t.limits->>'retention_hours')::int from ${tierVersions} t where t.name = a.tier order by t.version desc limit 1`;
  const retention = sql`select coalesce((a.limit_overrides->>'retention_hours')::int, (${newestTier})) from ${accounts} a where a.id = ${jobs}.account`;
  const least = state === "succeeded" ? resultHoursMin : 0;
  return sql<Date>`now() + make_interval(hours => greatest(coalesce((${retention}), 0), ${least}))`;
}

/** Whether nobody gets the files any more: also while they are still being deleted. */
export const filesAreGone = (row: Pick<JobRow, "state" | "filesExpireAt" | "filesDeletedAt">, now: Date): boolean =>
  row.filesDeletedAt !== null || (isFinal(row.state) && row.filesExpireAt !== null && row.filesExpireAt <= now);
