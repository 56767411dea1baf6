// Dead letters: what administrators see of jobs, and the one more chance that they may give.
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AdminJob } from "#contract/routes/admin.ts";
import { accounts, auditLog } from "#origin/db/schema.ts";
import { reconcile } from "#origin/usage/reconcile.ts";
import { type RunningEdge, startEdge } from "#test/edge/support/start-edge.ts";
import { answered, refused } from "./support/accounts.ts";
import { administrator } from "./support/assert.ts";
import { bookKinds, drawn, principalOf } from "./support/books.ts";
import { type JobHouse, openJobHouse } from "./support/job-doors.ts";

let edge: RunningEdge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.stop());

describe.each(bookKinds)("jobs as administrators see them, on %s", (kind) => {
  let house: JobHouse;
  beforeAll(async () => {
    house = await openJobHouse(kind, edge);
  });
  afterAll(() => house.close());

  const list = async (query: string) => {
    const { data } = await answered(200, await house.call(administrator, "GET", `/v1/admin/jobs${query}`));
    return data.map((job: unknown) => AdminJob.parse(job));
  };
  const retry = (id: string, headers = {}) => house.call(administrator, "POST", `/v1/admin/jobs/${id}/retry`, undefined, { headers });

  test("failed jobs are listed with their cause, and without names, options and secrets", async () => {
    const acme = await house.account();
    const step = { operation: "pdf.to-text" as const, options: { layout: "reading" as const, password: "open sesame", pages: "7" } };
    const failed = await house.ended(acme, "failed", { filename: "Kündigung Meier.pdf", step });
    const succeeded = await house.ended(acme, "succeeded");
    expect((await list(`?account=${acme}`)).map(({ id }: { id: string }) => id)).toEqual([succeeded.id, failed.id]);
    const [letter, ...more] = await list(`?account=${acme}&state=failed`);
    expect(more).toEqual([]);
    expect(letter).toMatchObject({
      id: failed.id,
      account: acme,
      problem: { code: "conversion-failed" },
      steps: [{ operation: "pdf.to-text" }],
    });
    expect(JSON.stringify(letter)).not.toMatch(/Meier|sesame|reading|"pages"/);
    expect(await list(`?account=${acme}&problem=engine-crashed`)).toEqual([]);
    expect(await list(`?account=${acme}&problem=conversion-failed`)).toHaveLength(1);
    expect((await list("?state=failed&limit=1"))[0]?.id).toBe(failed.id);
  });

  test("a failed job gets one more chance: reserved, counted from nothing, charged once, and told of in the audit log", async () => {
    const acme = await house.account();
    const { id } = await house.ended(acme, "failed", { size: 9 });
    expect(await house.period(acme)).toMatchObject({ conversionsReserved: 0 });
    expect(await answered(202, await retry(id))).toMatchObject({ id, account: acme, state: "queued", progress: { stage: "waiting" } });
    expect(await house.row(id)).toMatchObject({
      failures: 0,
      engineCrashes: 0,
      problem: null,
      finishedAt: null,
      filesExpireAt: null,
      windowAt: null,
    });
    expect(await house.period(acme)).toMatchObject({ conversionsReserved: 1, inputBytesReserved: 9 });
    const attempt = await house.running(id);
    expect(attempt.attempt).toBeGreaterThan(1);
    expect(await house.end(attempt, "succeeded", acme)).toBe(true);
    expect(await house.ledger(acme)).toMatchObject([{ job: id, inputBytes: 9 }]);
    expect((await reconcile(house.db, { repair: false })).differences).toEqual([]);
    const audited = await house.db.select().from(auditLog).where(eq(auditLog.target, id));
    expect(audited).toMatchObject([
      { action: "job.retry", actor: administrator.subject, account: acme, before: { problem: "conversion-failed" } },
    ]);
  });

  test("a repeated retry is one retry", async () => {
    const acme = await house.account();
    const { id } = await house.ended(acme, "failed");
    const headers = { "idempotency-key": "again" };
    await answered(202, await retry(id, headers));
    expect((await retry(id, headers)).headers.get("idempotent-replayed")).toBe("true");
    expect((await refused(await retry(id))).code).toBe("job-not-retryable");
    expect(await house.period(acme)).toMatchObject({ conversionsReserved: 1 });
  });

  test("what did not fail, lost its files, had a password, or belongs to a suspended account is not tried again", async () => {
    const acme = await house.account();
    const succeeded = await house.ended(acme, "succeeded");
    const deleted = await house.ended(acme, "failed");
    await answered(200, await house.call(principalOf(acme), "DELETE", `/v1/jobs/${deleted.id}`));
    const step = { operation: "pdf.to-text" as const, options: { layout: "reading" as const, password: "open sesame" } };
    const secret = await house.ended(acme, "failed", { step });
    expect(secret.secrets).toBe("");
    for (const { id } of [succeeded, deleted, secret])
      expect(await refused(await retry(id))).toMatchObject({ status: 409, code: "job-not-retryable" });
    expect((await refused(await retry(drawn("job")))).code).toBe("job-not-found");

    const failed = await house.ended(acme, "failed");
    await house.db.update(accounts).set({ suspendedAt: new Date() }).where(eq(accounts.id, acme));
    expect((await refused(await retry(failed.id))).code).toBe("job-not-retryable");
  });

  test("a retry that the quota no longer allows is refused, and changes nothing", async () => {
    const acme = await house.account({ conversions_per_month: 1 });
    const { id } = await house.ended(acme, "failed");
    await house.ended(acme, "succeeded");
    expect((await refused(await retry(id))).code).toBe("quota-conversions");
    expect(await house.row(id)).toMatchObject({ state: "failed" });
    expect(await house.period(acme)).toMatchObject({ conversionsReserved: 0, conversionsUsed: 1 });
  });

  test("nobody else sees or does any of it", async () => {
    const acme = await house.account();
    const { id } = await house.ended(acme, "failed");
    const own = principalOf(acme);
    const answers = [
      await house.call(own, "GET", "/v1/admin/jobs"),
      await house.call(own, "POST", `/v1/admin/jobs/${id}/retry`),
      await house.call(own, "GET", "/v1/admin/quarantine"),
      await house.call(own, "DELETE", `/v1/admin/quarantine/${"a".repeat(64)}`),
    ];
    for (const answer of answers) expect(await refused(answer)).toMatchObject({ status: 403, code: "scope-missing" });
    expect(await house.row(id)).toMatchObject({ state: "failed" });
  });
});
