import { and, eq } from "drizzle-orm";
import { Problem } from "#contract/problems.ts";
import { testLimits } from "#contract/tiers.ts";
import { accountState } from "../accounts/account-state.ts";
import type { Database } from "../db/database.ts";
import { jobs } from "../db/schema.ts";
import type { Attempt } from "../jobs/store.ts";
import { nothing } from "./amounts.ts";
import { reserve } from "./reserve.ts";

/**
 * Reserves the pages that a running attempt has found. A later attempt, or a second look, only reserves what differs.
 * False when the attempt no longer counts.
 */
export async function chargePages(db: Database, attempt: Attempt, found: { pages: number; ocrPages: number }): Promise<boolean> {
  return db.transaction(async (tx) => {
    const running = and(eq(jobs.id, attempt.id), eq(jobs.attempt, attempt.attempt), eq(jobs.state, "running"));
    const [job] = await tx.select().from(jobs).where(running).for("update");
    if (!job) return false;
    if (!job.livemode && found.pages > testLimits.pages_max)
      throw new Problem("test-limit", `It has ${found.pages} pages; test keys convert up to ${testLimits.pages_max}.`);
    await tx.update(jobs).set(found).where(eq(jobs.id, job.id));
    if (job.period === null) return true;

    const state = await accountState(tx, job.account);
    if (!state) throw new Problem("account-not-found");
    const amounts = { ...nothing, pages: found.pages - job.pages, ocrPages: found.ocrPages - job.ocrPages };
    await reserve(tx, { account: job.account, period: job.period }, state.limits, amounts, { now: new Date() });
    return true;
  });
}
