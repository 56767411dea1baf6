import { and, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import type { AdminJob, AdminJobsQuery } from "#contract/routes/admin.ts";
import type { Database } from "../db/database.ts";
import { jobs } from "../db/schema.ts";
import { adminJobRecord } from "./admin-job-record.ts";
import { searchJobs } from "./search-jobs.ts";

type Page = { data: z.infer<typeof AdminJob>[]; next_cursor?: string };

/** Jobs of all accounts, newest first. Those that failed are the dead letters: a query, not a place. */
export function listAllJobs({ db }: { db: Database }, query: z.output<typeof AdminJobsQuery>): Promise<Page> {
  const { limit, after, account, state, problem } = query;
  // The states that are rare among millions have an index; only failed jobs have a problem.
  const failed = state === "failed" || problem !== undefined;
  const within = and(account === undefined ? undefined : eq(jobs.account, account), failed ? eq(jobs.state, sql`'failed'`) : undefined);
  const filter = and(state && eq(jobs.state, state), problem && sql`${jobs.problem}->>'code' = ${problem}`);
  return searchJobs(db, { limit, after, within, filter }, adminJobRecord);
}
