// THE table of tiers: the defaults that an installation starts with. Administrators edit the installed rows; edge, origin and docs read one schema.
import { z } from "zod";

export const tierNames = ["free", "pro", "premium", "enterprise"] as const;
export const TierName = z.enum(tierNames).meta({ id: "Tier" });
export type TierName = z.infer<typeof TierName>;

const MB = 1_000_000;
const GB = 1_000 * MB;

/** The one size from which clamd's, the box's and the object store's limits follow; no tier may go beyond it. */
export const fileBytesMaxOfAllTiers = 1_000 * MB;

const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
/** null: no limit, as a contract may say. */
const countOrNone = count.nullable();

export const Rate = z
  .strictObject({ per_minute: z.int().min(1).max(1_000_000), burst: z.int().min(1).max(100_000) })
  .meta({ description: "`burst` requests at once, then `per_minute` on average." });
export type Rate = z.infer<typeof Rate>;

/** Rate policies by name: `requests` and `reads` are counted by route, `jobs` by new job, `operations` by the policy that an operation declares. */
export const TierLimits = z
  .strictObject({
    requests: Rate,
    reads: Rate,
    jobs: Rate,
    operations: z
      .record(z.string().regex(/^(?!(requests|reads|jobs)$)[a-z][a-z0-9-]{0,31}$/), Rate)
      .meta({ description: "Rates of single operations, by policy name." }),
    conversions_per_month: countOrNone,
    input_bytes_per_month: countOrNone,
    pages_per_month: countOrNone,
    ocr_pages_per_month: countOrNone,
    file_bytes_max: z.int().min(1).max(fileBytesMaxOfAllTiers),
    upload_bytes_outstanding_max: count.meta({
      description: "Bytes of uploads that were announced within the last hour and that no job uses yet.",
    }),
    jobs_running_max: z.int().min(1).max(10_000),
    jobs_queued_max: z.int().min(1).max(1_000_000),
    service_class: z.enum(["standard", "premium"]),
    weight: z.int().min(1).max(100),
    run_deadline_ms: z
      .int()
      .min(1_000)
      .max(3_600_000)
      .meta({ description: "Longest run of one job's steps, from the first byte fetched to the last result stored." }),
    queue_seconds_max: z
      .int()
      .min(10)
      .max(7 * 86_400)
      .meta({ description: "Longest wait for a slot; a job that waits longer fails with `job-expired`." }),
    retention_hours: z
      .int()
      .min(0)
      .max(24 * 365)
      .meta({
        description: "How long the files of an ended job stay. 0: they go with its end, but results stay for an hour, to be fetched.",
      }),
  })
  .meta({ id: "TierLimits" });
export type TierLimits = z.infer<typeof TierLimits>;

export const tierDefaults: Record<TierName, TierLimits> = {
  free: {
    requests: { per_minute: 20, burst: 10 },
    reads: { per_minute: 200, burst: 50 },
    jobs: { per_minute: 5, burst: 5 },
    operations: { ocr: { per_minute: 2, burst: 2 } },
    conversions_per_month: 250,
    input_bytes_per_month: 2 * GB,
    pages_per_month: 5_000,
    ocr_pages_per_month: 50,
    file_bytes_max: 25 * MB,
    upload_bytes_outstanding_max: 250 * MB,
    jobs_running_max: 1,
    jobs_queued_max: 10,
    service_class: "standard",
    weight: 1,
    run_deadline_ms: 60_000,
    queue_seconds_max: 3_600,
    retention_hours: 24,
  },
  pro: {
    requests: { per_minute: 60, burst: 30 },
    reads: { per_minute: 600, burst: 150 },
    jobs: { per_minute: 30, burst: 30 },
    operations: { ocr: { per_minute: 15, burst: 15 } },
    conversions_per_month: 5_000,
    input_bytes_per_month: 50 * GB,
    pages_per_month: 100_000,
    ocr_pages_per_month: 2_500,
    file_bytes_max: 100 * MB,
    upload_bytes_outstanding_max: 2 * GB,
    jobs_running_max: 5,
    jobs_queued_max: 100,
    service_class: "standard",
    weight: 4,
    run_deadline_ms: 180_000,
    queue_seconds_max: 14_400,
    retention_hours: 72,
  },
  premium: {
    requests: { per_minute: 240, burst: 60 },
    reads: { per_minute: 2_400, burst: 600 },
    jobs: { per_minute: 120, burst: 120 },
    operations: { ocr: { per_minute: 60, burst: 60 } },
    conversions_per_month: 50_000,
    input_bytes_per_month: 1_000 * GB,
    pages_per_month: 1_000_000,
    ocr_pages_per_month: 25_000,
    file_bytes_max: 500 * MB,
    upload_bytes_outstanding_max: 20 * GB,
    jobs_running_max: 20,
    jobs_queued_max: 1_000,
    service_class: "premium",
    weight: 4,
    run_deadline_ms: 600_000,
    queue_seconds_max: 43_200,
    retention_hours: 168,
  },
  enterprise: {
    requests: { per_minute: 1_200, burst: 300 },
    reads: { per_minute: 12_000, burst: 3_000 },
    jobs: { per_minute: 600, burst: 600 },
    operations: { ocr: { per_minute: 300, burst: 300 } },
    conversions_per_month: null,
    input_bytes_per_month: null,
    pages_per_month: null,
    ocr_pages_per_month: null,
    file_bytes_max: 1_000 * MB,
    upload_bytes_outstanding_max: 200 * GB,
    jobs_running_max: 100,
    jobs_queued_max: 10_000,
    service_class: "premium",
    weight: 16,
    run_deadline_ms: 1_800_000,
    queue_seconds_max: 86_400,
    retention_hours: 720,
  },
};

/** What an account's contract changes of its tier's limits; rates are replaced as a whole. */
export const LimitOverrides = TierLimits.partial();
export type LimitOverrides = z.infer<typeof LimitOverrides>;

/** What holds for one account. */
export const effectiveLimits = (tier: TierLimits, overrides: LimitOverrides): TierLimits => TierLimits.parse({ ...tier, ...overrides });

/** Test keys make real conversions within these limits, outside quota and ledger. */
export const testLimits = { file_bytes_max: 2 * MB, pages_max: 10, jobs_per_day: 50 } as const;
