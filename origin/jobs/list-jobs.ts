import { and, eq, gte, ilike, lte, sql } from "drizzle-orm";
import type { Principal } from "#contract/assertion.ts";
import type { Job, JobsQuery } from "#contract/jobs.ts";
import type { Database } from "../db/database.ts";
import { jobs } from "../db/schema.ts";
import { containing } from "../paging.ts";
import { jobRecord } from "./job-record.ts";
import { searchJobs } from "./search-jobs.ts";

type Page = { data: Job[]; next_cursor?: string };
type Owner = Pick<Principal, "account" | "livemode">;

/** The jobs of an account, newest first; those of test keys are seen by test keys. */
export function listJobs({ db }: { db: Database }, { account, livemode }: Owner, query: JobsQuery): Promise<Page> {
  const { limit, after, state, operation, key, name, created_from: from, created_to: to } = query;
  const within = and(
    eq(jobs.account, account),
    eq(jobs.livemode, livemode),
    from === undefined ? undefined : gte(jobs.createdAt, new Date(from)),
    to === undefined ? undefined : lte(jobs.createdAt, new Date(to)),
  );
  const filter = and(
    state && eq(jobs.state, state),
    key === undefined ? undefined : eq(jobs.key, key),
    operation === undefined ? undefined : sql`${jobs.steps} @> ${JSON.stringify([{ operation }])}::jsonb`,
    name === undefined ? undefined : named(name),
  );
  return searchJobs(db, { limit, after, within, filter }, jobRecord);
}

const named = (part: string) =>
  sql`exists (select 1 from jsonb_array_elements(${jobs.inputs}) as input where ${ilike(sql`input->>'filename'`, containing(part))})`;
