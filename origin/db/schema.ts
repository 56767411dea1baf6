// The tables. `npm run generate` makes a migration of every change; migrations are only ever added.
import { type SQLWrapper, sql } from "drizzle-orm";
import { bigserial, boolean, index, integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import type { EngineFacts, JobInput, JobState, Progress, ResultFacts, ScanVerdict, Timings, Trait, Warning } from "#contract/jobs.ts";
import type { Lane } from "#contract/operation.ts";
import type { ProblemBody } from "#contract/problems.ts";
import type { TierName } from "#contract/tiers.ts";

export * from "./accounts-schema.ts";
export * from "./people-schema.ts";
export * from "./queue-schema.ts";

/** A result's bytes lie at `key`; the attempt is part of the key, so a late worker cannot touch another attempt's bytes. */
export type StoredResult = ResultFacts & { key: string };
/** `found_type`, `found_sha256` and `traits` are what the bytes turned out to be. */
export type StoredInput = JobInput & { found_type?: string; found_sha256?: string; traits?: Trait[] };
export type StoredStep = { operation: string; options: Record<string, unknown> };

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

/** The uploads of a job, as an array; the index `jobs_uploads` is over this expression. */
export const uploadsOf = (inputs: SQLWrapper) => sql`jsonb_path_query_array(${inputs}, '$[*].upload')`;

export const jobs = pgTable(
  "jobs",
  {
    id: text().primaryKey(),
    /** Order of arrival. */
    seq: bigserial({ mode: "number" }).notNull(),
    account: text().notNull(),
    subject: text().notNull(),
    /** The API key that made it; null for tokens. */
    key: text(),
    /** False for jobs of test keys: outside quota and ledger, and never seen by live credentials. */
    livemode: boolean().notNull().default(true),
    /** The month whose quota it counts toward; null for what counts toward none. */
    period: text(),
    /** What is reserved of the quota beyond one conversion and the input's bytes; known once the file was inspected. */
    pages: integer().notNull().default(0),
    ocrPages: integer("ocr_pages").notNull().default(0),
    tier: text().$type<TierName>().notNull(),
    state: text().$type<JobState>().notNull().default("queued"),
    lane: text().$type<Lane>().notNull(),
    /** Counts how often the job was put into its lane; every later write of a worker names the attempt it belongs to. */
    attempt: integer().notNull().default(0),
    /** How many runs failed for reasons that may pass; waiting for the scanner and shutdowns do not count. */
    failures: integer().notNull().default(0),
    /** How many boxes ended while they ran it. */
    engineCrashes: integer("engine_crashes").notNull().default(0),
    runDeadlineMs: integer("run_deadline_ms").notNull(),
    /** What it is expected to keep a slot busy for, milliseconds; what the fair dispatcher charges. */
    costMs: integer("cost_ms").notNull().default(1_000),
    /** A queued job that does not run by then expires. */
    queueExpiresAt: moment("queue_expires_at"),
    /** When the files of the ended job go. */
    filesExpireAt: moment("files_expire_at"),
    /** When they went. */
    filesDeletedAt: moment("files_deleted_at"),
    createdAt: moment("created_at").notNull().defaultNow(),
    /** Orders the jobs of one account: its creation, later by ten times its cost. */
    turnAt: moment("turn_at").notNull().defaultNow(),
    /** When the job entered its lane's window in Redis; null while it waits in the backlog. */
    windowAt: moment("window_at"),
    /** A retry does not start before this; once the job has ended, its files are not tried to be deleted again before this. */
    notBefore: moment("not_before"),
    startedAt: moment("started_at"),
    heartbeatAt: moment("heartbeat_at"),
    finishedAt: moment("finished_at"),
    waitingFor: text("waiting_for").$type<"slot" | "scanner" | "engine">(),
    inputs: jsonb().$type<StoredInput[]>().notNull(),
    /** Without the secret options. */
    steps: jsonb().$type<StoredStep[]>().notNull(),
    /** Secret options, encrypted; erased when the job ends: an empty text says that there were some. */
    secrets: text(),
    progress: jsonb().$type<Progress>().notNull(),
    warnings: jsonb().$type<Warning[]>().notNull().default([]),
    results: jsonb().$type<StoredResult[]>().notNull().default([]),
    timings: jsonb().$type<Timings>().notNull().default({}),
    scan: jsonb().$type<ScanVerdict>(),
    engine: jsonb().$type<EngineFacts>(),
    problem: jsonb().$type<ProblemBody>(),
  },
  (table) => [
    index("jobs_seq").on(table.seq),
    index("jobs_account").on(table.account, table.seq),
    index("jobs_account_created").on(table.account, table.createdAt),
    /** How many test jobs an account made today. */
    index("jobs_test_created").on(table.account, table.createdAt).where(sql`not ${table.livemode}`),
    /** Who uses an upload: asked before it is deleted. */
    index("jobs_uploads").using("gin", sql`${uploadsOf(table.inputs)} jsonb_path_ops`),
    index("jobs_failed").on(table.seq).where(sql`${table.state} = 'failed'`),
    /** Partial, so that ended jobs, which are nearly all, cost nothing in it. */
    index("jobs_unended").on(table.account, table.state).where(sql`${table.state} in ('queued', 'running')`),
    index("jobs_files_due").on(table.filesExpireAt).where(sql`${table.filesDeletedAt} is null and ${table.filesExpireAt} is not null`),
    index("jobs_waiting")
      .on(table.lane, table.account, table.turnAt, table.seq, table.costMs)
      .where(sql`${table.state} = 'queued' and ${table.windowAt} is null`),
    index("jobs_inside")
      .on(table.lane, table.account)
      .where(sql`${table.state} = 'running' or (${table.state} = 'queued' and ${table.windowAt} is not null)`),
    index("jobs_queue_due").on(table.queueExpiresAt).where(sql`${table.state} = 'queued'`),
  ],
);

export type JobRow = typeof jobs.$inferSelect;

/** With the states in the text and not as values: a prepared statement's plan for all values finds the partial indexes only so. */
export const inState = (...states: JobState[]) => sql`${jobs.state} in (${sql.raw(states.map((state) => `'${state}'`).join(", "))})`;
