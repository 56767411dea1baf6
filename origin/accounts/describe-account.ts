import { and, count, eq, gte } from "drizzle-orm";
import type { Account } from "#contract/accounts.ts";
import type { Principal } from "#contract/assertion.ts";
import { Problem } from "#contract/problems.ts";
import { type TierLimits, testLimits } from "#contract/tiers.ts";
import type { Database } from "../db/database.ts";
import { inState, jobs, type UsagePeriodRow, usagePeriods } from "../db/schema.ts";
import { limitOf, type Meter, reservedOf, usedOf } from "../usage/amounts.ts";
import { dayStart, periodBounds, periodOf } from "../usage/period.ts";
import { accountState } from "./account-state.ts";

type Needs = { db: Database; now: Date };

/** The caller's account: what it may, and what is left of that. Test credentials see the test world, which has limits and no quota. */
export async function describeAccount({ db, now }: Needs, { account, livemode }: Principal): Promise<Account> {
  const state = await accountState(db, account);
  if (!state) throw new Problem("account-not-found");
  const limits = livemode ? state.limits : withinTest(state.limits);
  const used = livemode ? await usageOf(db, account, periodOf(now)) : undefined;
  const left = (meter: Meter) => leftOf(used, limits, meter);
  const { startsAt, endsAt } = periodBounds(now);
  return {
    id: account,
    name: state.row.name,
    tier: state.row.tier,
    livemode,
    suspended: state.row.suspendedAt !== null,
    limits,
    features: state.features,
    period: { starts_at: startsAt.toISOString(), ends_at: endsAt.toISOString() },
    quota: {
      conversions: left("conversions"),
      input_bytes: left("inputBytes"),
      pages: left("pages"),
      ocr_pages: left("ocrPages"),
    },
    jobs: await unendedJobs(db, { account, livemode }),
    ...(!livemode && { test: { ...testExtras, jobs_today: await testJobsSince(db, account, dayStart(now)) } }),
  };
}

const { file_bytes_max, ...testExtras } = testLimits;

const withinTest = (limits: TierLimits): TierLimits => ({
  ...limits,
  file_bytes_max: Math.min(limits.file_bytes_max, file_bytes_max),
  conversions_per_month: null,
  input_bytes_per_month: null,
  pages_per_month: null,
  ocr_pages_per_month: null,
});

async function usageOf(db: Database, account: string, period: string): Promise<UsagePeriodRow | undefined> {
  const [row] = await db
    .select()
    .from(usagePeriods)
    .where(and(eq(usagePeriods.account, account), eq(usagePeriods.period, period)));
  return row;
}

function leftOf(row: UsagePeriodRow | undefined, limits: TierLimits, meter: Meter): Account["quota"]["pages"] {
  const [used, reserved, limit] = [row ? usedOf(row, meter) : 0, row ? reservedOf(row, meter) : 0, limitOf(limits, meter)];
  return { used, reserved, limit, left: limit === null ? null : Math.max(0, limit - used - reserved) };
}

async function unendedJobs(db: Database, { account, livemode }: Pick<Principal, "account" | "livemode">): Promise<Account["jobs"]> {
  const rows = await db
    .select({ state: jobs.state, jobs: count() })
    .from(jobs)
    .where(and(eq(jobs.account, account), eq(jobs.livemode, livemode), inState("queued", "running")))
    .groupBy(jobs.state);
  const of = (wanted: string) => rows.find(({ state }) => state === wanted)?.jobs ?? 0;
  return { running: of("running"), queued: of("queued") };
}

async function testJobsSince(db: Database, account: string, since: Date): Promise<number> {
  const [row] = await db
    .select({ jobs: count() })
    .from(jobs)
    .where(and(eq(jobs.account, account), eq(jobs.livemode, false), gte(jobs.createdAt, since)));
  return row?.jobs ?? 0;
}
