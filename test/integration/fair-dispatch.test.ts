// Who is next, when a job's time in the queue is over, and what that costs its account, on both databases.
import { and, eq, isNull, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Problem, problemBody } from "#contract/problems.ts";
import { accounts, jobs, laneClocks, laneShares } from "#origin/db/schema.ts";
import { laneLoads } from "#origin/queue/fair/lane-loads.ts";
import { type BookKind, type Books, bookKinds, openBooks, principalOf } from "./support/books.ts";

describe.each(bookKinds)("fair dispatch on %s", (kind: BookKind) => {
  let books: Books;
  beforeAll(async () => {
    books = await openBooks(kind);
  });
  afterAll(() => books.stop());

  const expire = (id: string) => books.db.update(jobs).set({ queueExpiresAt: sql`now() - interval '1 second'` }).where(eq(jobs.id, id));
  const late = problemBody(new Problem("job-expired"));
  const share = async (account: string): Promise<number> => {
    const [row] = await books.db
      .select()
      .from(laneShares)
      .where(and(eq(laneShares.lane, "light"), eq(laneShares.account, account)));
    return row?.served ?? 0;
  };
  const made = async (account: string, count: number, size = 1_000): Promise<string[]> => {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) ids.push((await books.create(account, { size })).id);
    return ids;
  };
  /** Takes what is next, one by one, and ends it at once. */
  const served = async (count: number): Promise<string[]> => {
    const order: string[] = [];
    for (let n = 0; n < count; n++) {
      const [attempt] = await books.store.enterWindow("light", 1);
      if (!attempt) break;
      order.push(attempt.id);
      await books.store.claim(attempt);
      await books.end(attempt, "succeeded");
    }
    return order;
  };

  test("who comes after a flood does not wait for it", async () => {
    const [flood, small] = [await books.account(), await books.account()];
    const [many, few] = [await made(flood, 9), await made(small, 3)];
    const first = (await books.store.enterWindow("light", 6)).map(({ id }) => id);
    expect(few.every((id) => first.includes(id))).toBe(true);
    expect(first.filter((id) => many.includes(id))).toHaveLength(3);
    await books.store.leaveWindow(first.map((id) => ({ id, attempt: 1 })));
    expect((await served(12)).sort()).toEqual([...many, ...few].sort());
  });

  test("who comes first to an empty lane starts where the one before was served, not at nothing", async () => {
    const [before, after] = [await books.account(), await books.account()];
    for (const account of [before, after]) {
      await made(account, 1);
      expect(await served(1)).toHaveLength(1);
    }
    const [clock] = await books.db.select().from(laneClocks).where(eq(laneClocks.lane, "light"));
    await made(before, 1);
    await served(1);
    const [later] = await books.db.select().from(laneClocks).where(eq(laneClocks.lane, "light"));
    expect(later?.standard).toBeGreaterThan(clock?.standard ?? Number.POSITIVE_INFINITY);
  });

  test("jobs of a suspended account wait until it is let in again", async () => {
    const [acme, rival] = [await books.account(), await books.account()];
    const [held, other] = [await made(acme, 1), await made(rival, 1)];
    const suspend = (suspendedAt: Date | null) => books.db.update(accounts).set({ suspendedAt }).where(eq(accounts.id, acme));
    await suspend(new Date());
    expect(await served(2)).toEqual(other);
    await suspend(null);
    expect(await served(2)).toEqual(held);
  });

  test("a small document of an account is not stuck behind its large ones, and a large one not for ever", async () => {
    const acme = await books.account();
    const large = await made(acme, 2, 20_000_000);
    const small = await made(acme, 2);
    await books.db
      .update(jobs)
      .set({ turnAt: sql`${jobs.turnAt} - interval '1 hour'` })
      .where(eq(jobs.id, large[1] ?? ""));
    expect(await served(4)).toEqual([large[1], ...small, large[0]]);
  });

  test("an account pays the estimate when its job is chosen, and what the run took at its end", async () => {
    const acme = await books.account();
    const [id = ""] = await made(acme, 1, 10_000_000);
    const [attempt = { id, attempt: 0 }] = await books.store.enterWindow("light", 1);
    const [row] = await books.db.select().from(jobs).where(eq(jobs.id, id));
    const charged = await share(acme);
    expect(charged).toBeGreaterThanOrEqual(row?.costMs ?? Number.POSITIVE_INFINITY);
    await books.store.leaveWindow([attempt]);
    const begun = await share(acme);
    expect(charged - begun).toBeCloseTo(row?.costMs ?? 0, 3);

    const [again = attempt] = await books.store.enterWindow("light", 1);
    await books.store.claim(again);
    await books.db
      .update(jobs)
      .set({ startedAt: sql`${jobs.startedAt} - interval '100 seconds'` })
      .where(eq(jobs.id, id));
    await books.end(again, "failed");
    expect((await share(acme)) - begun).toBeGreaterThanOrEqual(100_000);
  });

  test("a job that is canceled in the window costs its account nothing", async () => {
    const acme = await books.account();
    const [id = ""] = await made(acme, 1);
    await books.store.enterWindow("light", 1);
    const charged = await share(acme);
    await books.store.cancel(principalOf(acme), id);
    expect(await share(acme)).toBeLessThan(charged);
  });

  test("a job that has waited longer than it may is not started, fails by the sweep, and gives its quota back", async () => {
    const acme = await books.account();
    const [inBacklog = "", inWindow = ""] = [...(await made(acme, 1)), ...(await made(acme, 1))];
    await expire(inBacklog);
    const [attempt = { id: "", attempt: 0 }] = await books.store.enterWindow("light", 5);
    expect(attempt.id).toBe(inWindow);
    await expire(inWindow);
    expect(await books.store.claim(attempt)).toBeUndefined();
    expect((await books.store.expireQueued(late)).sort()).toEqual([inBacklog, inWindow].sort());
    expect(await books.store.expireQueued(late)).toEqual([]);
    expect(await books.store.find(principalOf(acme), inWindow)).toMatchObject({ state: "failed", problem: { code: "job-expired" } });
    expect(await books.period(acme)).toMatchObject({ conversionsReserved: 0, conversionsUsed: 0 });
  });

  test("time in the queue is the tier's, or less by request, and a run takes none of it", async () => {
    const acme = await books.account({ queue_seconds_max: 600 });
    const waits = async (expires_in?: number) => {
      const { id } = await books.create(acme, { ...(expires_in && { expires_in }) });
      const row = await books.store.find(principalOf(acme), id);
      return { id, seconds: ((row?.queueExpiresAt?.getTime() ?? 0) - (row?.createdAt.getTime() ?? 0)) / 1_000 };
    };
    expect((await waits()).seconds).toBe(600);
    expect((await waits(5_000)).seconds).toBe(600);
    const { id, seconds } = await waits(60);
    expect(seconds).toBe(60);
    const attempt = await books.running(id);
    await books.db.update(jobs).set({ startedAt: sql`now() - interval '1 hour'` }).where(eq(jobs.id, id));
    await books.store.leaveRunning(attempt, { state: "queued", windowAt: null });
    const handedBack = await books.store.find(principalOf(acme), id);
    expect(handedBack?.queueExpiresAt?.getTime()).toBeGreaterThan(Date.now() + 3_500_000);
  });

  test("a queued job says where it stands, and an estimate of its start once the lane has a pace", async () => {
    const acme = await books.account();
    const ids = await made(acme, 4);
    const place = async (id = "") => {
      const row = await books.store.find(principalOf(acme), id);
      return row && books.lanes.place(books.db, row);
    };
    const [first, last] = [await place(ids[0]), await place(ids[3])];
    expect((last?.position ?? 0) - (first?.position ?? 0)).toBeGreaterThanOrEqual(3);
    await books.db
      .update(laneClocks)
      .set({ observedMs: 10_000, drainedJobs: 10, drainedCostMs: 10_000 })
      .where(eq(laneClocks.lane, "light"));
    expect((await place(ids[3]))?.starts_in_ms).toBeGreaterThan(0);
    await books.running(ids[0] ?? "");
    expect(await place(ids[0])).toBeUndefined();
  });

  test("a lane that holds as many jobs as it may takes no more, and the refused job reserves nothing", async () => {
    const [acme, gold] = [await books.account(), await books.account({}, "premium")];
    const waiting = await books.db.$count(jobs, and(eq(jobs.lane, "light"), eq(jobs.state, "queued"), isNull(jobs.windowAt)));
    const lanes = laneLoads({ jobsMax: Math.ceil((waiting + 2) / 0.8), waitMaxMs: 86_400_000 }, { freshMs: 0 });
    await books.create(acme, { lanes });
    await books.create(acme, { lanes });
    await expect(books.create(acme, { lanes })).rejects.toMatchObject({ code: "lane-full", policy: "lane" });
    expect(await books.period(acme)).toMatchObject({ conversionsReserved: 2 });
    await books.create(gold, { lanes });
  });
});
