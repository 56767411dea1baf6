// The tables of accounts, their keys, and what they may do and did. Rows of `audit_log` and `ledger` are never changed or deleted: a trigger says so.
import { sql } from "drizzle-orm";
import { bigint, bigserial, boolean, index, integer, jsonb, pgTable, primaryKey, text, timestamp, uniqueIndex } from "drizzle-orm/pg-core";
import type { Features } from "#contract/features.ts";
import type { Scope } from "#contract/scopes.ts";
import type { LimitOverrides, TierLimits, TierName } from "#contract/tiers.ts";

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });
const amount = (name: string) => bigint(name, { mode: "number" }).notNull().default(0);

/** A customer. better-auth sees it as an organization (name, slug, logo, metadata). */
export const accounts = pgTable(
  "accounts",
  {
    id: text().primaryKey(),
    /** Order of creation, for paging. */
    seq: bigserial({ mode: "number" }).notNull(),
    name: text().notNull(),
    slug: text().notNull().unique(),
    logo: text(),
    metadata: text(),
    createdAt: moment("created_at").notNull().defaultNow(),
    tier: text().$type<TierName>().notNull().default("free"),
    limitOverrides: jsonb("limit_overrides").$type<LimitOverrides>().notNull().default({}),
    features: jsonb().$type<Features>().notNull().default({}),
    suspendedAt: moment("suspended_at"),
    suspendedReason: text("suspended_reason"),
    /** Set when the account was deleted; its name and people are gone, its ledger stays. */
    deletedAt: moment("deleted_at"),
    /** Grows with every change that the edge must know of. */
    version: integer().notNull().default(1),
    /** The version that the edge has taken. */
    pushedVersion: integer("pushed_version").notNull().default(0),
  },
  (table) => [
    index("accounts_seq").on(table.seq),
    index("accounts_to_push").on(table.id).where(sql`${table.pushedVersion} < ${table.version}`),
  ],
);
export type AccountRow = typeof accounts.$inferSelect;

export const apiKeys = pgTable(
  "api_keys",
  {
    id: text().primaryKey(),
    seq: bigserial({ mode: "number" }).notNull(),
    account: text()
      .notNull()
      .references(() => accounts.id),
    /** SHA-256 of the key, hex. */
    digest: text().notNull().unique(),
    name: text().notNull(),
    hint: text().notNull(),
    livemode: boolean().notNull(),
    scopes: jsonb().$type<Scope[]>().notNull(),
    allowedAddresses: jsonb("allowed_addresses").$type<string[]>().notNull().default([]),
    createdAt: moment("created_at").notNull().defaultNow(),
    createdBy: text("created_by").notNull(),
    expiresAt: moment("expires_at"),
    revokedAt: moment("revoked_at"),
    replacedBy: text("replaced_by"),
    lastUsedAt: moment("last_used_at"),
    lastUsedAddress: text("last_used_address"),
  },
  (table) => [index("api_keys_account").on(table.account, table.seq)],
);
export type ApiKeyRow = typeof apiKeys.$inferSelect;

/** Every version of every tier; the newest of a name holds. */
export const tierVersions = pgTable(
  "tier_versions",
  {
    name: text().$type<TierName>().notNull(),
    version: integer().notNull(),
    limits: jsonb().$type<TierLimits>().notNull(),
    features: jsonb().$type<Features>().notNull().default({}),
    createdAt: moment("created_at").notNull().defaultNow(),
    createdBy: text("created_by").notNull(),
  },
  (table) => [primaryKey({ columns: [table.name, table.version] })],
);
export type TierVersionRow = typeof tierVersions.$inferSelect;

export const auditLog = pgTable(
  "audit_log",
  {
    id: text().primaryKey(),
    seq: bigserial({ mode: "number" }).notNull(),
    at: moment("at").notNull().defaultNow(),
    account: text(),
    actor: text().notNull(),
    action: text().notNull(),
    target: text().notNull(),
    before: jsonb(),
    after: jsonb(),
    address: text(),
    requestId: text("request_id"),
  },
  (table) => [
    index("audit_log_seq").on(table.seq),
    index("audit_log_account").on(table.account, table.seq),
    index("audit_log_actor").on(table.actor, table.seq),
    index("audit_log_target").on(table.target, table.seq),
  ],
);
export type AuditRow = typeof auditLog.$inferSelect;

/** What an account has used and reserved of one month (UTC, `2026-11`). Live jobs only. */
export const usagePeriods = pgTable(
  "usage_periods",
  {
    account: text().notNull(),
    period: text().notNull(),
    conversionsReserved: amount("conversions_reserved"),
    conversionsUsed: amount("conversions_used"),
    inputBytesReserved: amount("input_bytes_reserved"),
    inputBytesUsed: amount("input_bytes_used"),
    pagesReserved: amount("pages_reserved"),
    pagesUsed: amount("pages_used"),
    ocrPagesReserved: amount("ocr_pages_reserved"),
    ocrPagesUsed: amount("ocr_pages_used"),
  },
  (table) => [primaryKey({ columns: [table.account, table.period] })],
);
export type UsagePeriodRow = typeof usagePeriods.$inferSelect;

/** One row per succeeded live job. */
export const ledger = pgTable(
  "ledger",
  {
    seq: bigserial({ mode: "number" }).primaryKey(),
    job: text().notNull(),
    account: text().notNull(),
    /** The key that the job was made with; null for tokens. */
    key: text(),
    operation: text().notNull(),
    period: text().notNull(),
    at: moment("at").notNull().defaultNow(),
    conversions: integer().notNull(),
    inputBytes: amount("input_bytes"),
    pages: integer().notNull(),
    ocrPages: integer("ocr_pages").notNull(),
  },
  (table) => [uniqueIndex("ledger_job").on(table.job), index("ledger_account").on(table.account, table.at)],
);
export type LedgerRow = typeof ledger.$inferSelect;

/** First answers to requests with an Idempotency-Key, for 24 hours. Sealed, because an answer may hold a new API key. */
export const idempotentAnswers = pgTable(
  "idempotent_answers",
  {
    account: text().notNull(),
    livemode: boolean().notNull(),
    method: text().notNull(),
    route: text().notNull(),
    key: text().notNull(),
    /** SHA-256 of the payload without secret options. */
    fingerprint: text().notNull(),
    status: integer().notNull(),
    answer: text().notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.account, table.livemode, table.method, table.route, table.key] }),
    index("idempotent_answers_age").on(table.createdAt),
  ],
);
