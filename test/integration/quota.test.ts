// What an account may do, decided where jobs are created and counted until they end, on both databases.
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProblemCode } from "#contract/problems.ts";
import { accounts, jobs } from "#origin/db/schema.ts";
import { jobStore } from "#origin/jobs/store.ts";
import { chargePages } from "#origin/usage/charge-pages.ts";
import { type BookKind, type Books, bookKinds, drawn, openBooks, principalOf } from "./support/books.ts";

const refusal = (code: ProblemCode, policy?: string) => expect.objectContaining({ code, ...(policy && { policy }) });

describe.each(bookKinds)("quota on %s", (kind: BookKind) => {
  let books: Books;
  beforeAll(async () => {
    books = await openBooks(kind);
  });
  afterAll(() => books.stop());

  test("the conversion beyond the month's quota is refused, names its policy, and says when to come back", async () => {
    const acme = await books.account({ conversions_per_month: 2 });
    await books.create(acme);
    const second = await books.create(acme);
    const at = { now: new Date() };
    await expect(books.create(acme, at)).rejects.toMatchObject({ code: "quota-conversions", policy: "conversions", retryAfterSeconds: 60 });
    await books.end(await books.running(second.id), "succeeded");
    await expect(books.create(acme)).rejects.toThrow(refusal("quota-conversions"));
    expect(await books.period(acme)).toMatchObject({ conversionsReserved: 1, conversionsUsed: 1 });
  });

  test("a quota that is used up asks for no retry within the minute, and for none later than in a day", async () => {
    const acme = await books.account({ conversions_per_month: 1 });
    const { id } = await books.create(acme, { now: new Date("2026-11-10T00:00:00Z") });
    await books.end(await books.running(id), "succeeded");
    const inNovember = books.create(acme, { now: new Date("2026-11-10T00:00:01Z") });
    await expect(inNovember).rejects.toMatchObject({ code: "quota-conversions", retryAfterSeconds: 86_400 });
    const atItsEnd = books.create(acme, { now: new Date("2026-11-30T23:50:00Z") });
    await expect(atItsEnd).rejects.toMatchObject({ retryAfterSeconds: 600 });
    await books.create(acme, { now: new Date("2026-12-01T00:00:00Z") });
  });

  test("bytes are counted toward the month as they are announced by the object", async () => {
    const acme = await books.account({ input_bytes_per_month: 2_500 });
    await books.create(acme, { size: 1_500 });
    await expect(books.create(acme, { size: 1_001 })).rejects.toThrow(refusal("quota-bytes", "input-bytes"));
    await books.create(acme, { size: 1_000 });
    expect(await books.period(acme)).toMatchObject({ conversionsReserved: 2, inputBytesReserved: 2_500 });
  });

  test("without a page left no job is created", async () => {
    const acme = await books.account({ pages_per_month: 0 });
    await expect(books.create(acme)).rejects.toThrow(refusal("quota-pages", "pages"));
  });

  test("a contract without limits has none", async () => {
    const acme = await books.account({}, "enterprise");
    await books.create(acme, { size: 900_000_000 });
    expect(await books.period(acme)).toMatchObject({ conversionsReserved: 1, inputBytesReserved: 900_000_000 });
  });

  test("only so many jobs wait, whichever credentials made them", async () => {
    const acme = await books.account({ jobs_queued_max: 2 });
    const first = await books.create(acme);
    await books.create(acme, { principal: { livemode: false } });
    await expect(books.create(acme)).rejects.toThrow(refusal("jobs-queued-max", "jobs-queued"));
    await books.running(first.id);
    await books.create(acme);
  });

  test("a repeated order is the same job and reserves nothing twice", async () => {
    const acme = await books.account({ conversions_per_month: 1 });
    const id = drawn("job");
    const [first, second] = [await books.create(acme, { id }), await books.create(acme, { id })];
    expect(second).toEqual(first);
    expect(await books.period(acme)).toMatchObject({ conversionsReserved: 1, inputBytesReserved: 1_000 });
  });

  test("another account's job id makes no job and reserves nothing", async () => {
    const [acme, rival] = [await books.account(), await books.account()];
    const { id } = await books.create(acme);
    await expect(books.create(rival, { id })).rejects.toThrow(refusal("job-not-found"));
    expect(await books.period(rival)).toBeUndefined();
  });

  test("a suspended account, and one that is not there, create nothing", async () => {
    const acme = await books.account();
    await books.db.update(accounts).set({ suspendedAt: new Date() }).where(eq(accounts.id, acme));
    await expect(books.create(acme)).rejects.toThrow(refusal("account-suspended"));
    await expect(books.create("nobody")).rejects.toThrow(refusal("account-not-found"));
  });

  test("an operation that is switched off for the account makes no job", async () => {
    const acme = await books.account();
    await books.db
      .update(accounts)
      .set({ features: { "operation:pdf.to-text": false } })
      .where(eq(accounts.id, acme));
    await expect(books.create(acme)).rejects.toThrow(refusal("feature-off"));
  });

  test("test keys reserve nothing, convert small files, and 50 times a day", async () => {
    const acme = await books.account({ conversions_per_month: 0, jobs_queued_max: 1_000 });
    const asTest = { principal: { livemode: false } };
    await expect(books.create(acme, { ...asTest, size: 2_000_001 })).rejects.toThrow(refusal("test-limit"));
    for (let n = 0; n < 50; n++) await books.create(acme, asTest);
    await expect(books.create(acme, asTest)).rejects.toThrow(refusal("quota-conversions", "test-jobs"));
    expect(await books.period(acme)).toBeUndefined();
  });

  test("live credentials do not see test jobs, nor the other way round", async () => {
    const acme = await books.account();
    const made = await books.create(acme, { principal: { livemode: false } });
    const live = await books.create(acme);
    expect(made.livemode).toBe(false);
    expect(await books.store.find(principalOf(acme), made.id)).toBeUndefined();
    expect(await books.store.find(principalOf(acme, { livemode: false }), live.id)).toBeUndefined();
    await expect(books.create(acme, { id: made.id as ReturnType<typeof drawn<"job">> })).rejects.toThrow(refusal("job-not-found"));
  });

  test("an account has no more jobs in the lanes than may run, test jobs included, and others pass it", async () => {
    const [acme, rival] = [await books.account({ jobs_running_max: 2 }), await books.account({ jobs_running_max: 1 })];
    const mine = [await books.create(acme), await books.create(acme, { principal: { livemode: false } }), await books.create(acme)];
    const theirs = await books.create(rival);
    const entered = async () => (await books.store.enterWindow("light", 1_000)).map(({ id }) => id);
    const found = (await entered()).filter((id) => [...mine, theirs].some((job) => job.id === id));
    expect(found).toEqual([mine[0]?.id, theirs.id, mine[1]?.id]);
    expect(await entered()).toEqual([]);
    const first = { id: mine[0]?.id ?? "", attempt: 1 };
    await books.store.claim(first);
    expect(await entered()).toEqual([]);
    await books.end(first, "failed");
    expect(await entered()).toEqual([mine[2]?.id]);
  });

  test("dispatchers that look at once never exceed an account's cap between them", async () => {
    const acme = await books.account({ jobs_running_max: 3 });
    for (let n = 0; n < 9; n++) await books.create(acme);
    const other = kind === "PostgreSQL" ? await books.another() : undefined;
    const stores = [books.store, jobStore(other?.db ?? books.db)];
    await Promise.all(Array.from({ length: 8 }, (_, n) => stores[n % 2]?.enterWindow("light", 1_000)));
    const inside = (await books.db.select().from(jobs).where(eq(jobs.account, acme))).filter(({ windowAt }) => windowAt !== null);
    expect(inside).toHaveLength(3);
    await other?.close();
  });

  describe("pages", () => {
    const pages = (n: number, ocrPages = 0) => ({ pages: n, ocrPages });

    test("are reserved when they are found, and a second attempt reserves only what differs", async () => {
      const acme = await books.account();
      const { id } = await books.create(acme);
      const first = await books.running(id);
      expect(await chargePages(books.db, first, pages(7))).toBe(true);
      expect(await chargePages(books.db, first, pages(7))).toBe(true);
      expect(await books.period(acme)).toMatchObject({ pagesReserved: 7, ocrPagesReserved: 0 });
      await books.store.leaveRunning(first, { state: "queued", windowAt: null });
      expect(await books.period(acme)).toMatchObject({ conversionsReserved: 1, pagesReserved: 7 });
      const second = await books.running(id);
      expect(await chargePages(books.db, first, pages(90))).toBe(false);
      expect(await chargePages(books.db, second, pages(8))).toBe(true);
      expect(await books.period(acme)).toMatchObject({ pagesReserved: 8 });
      await books.end(second, "succeeded");
      expect(await books.period(acme)).toMatchObject({ pagesReserved: 0, pagesUsed: 8, conversionsReserved: 0, conversionsUsed: 1 });
      expect(await chargePages(books.db, second, pages(9))).toBe(false);
    });

    test.each([
      ["pages", { pages_per_month: 10 }, pages(11)],
      ["ocr-pages", { ocr_pages_per_month: 10 }, pages(11, 11)],
    ])("beyond the month's quota of %s are refused, and nothing of them is reserved", async (policy, overrides, found) => {
      const acme = await books.account(overrides);
      const attempt = await books.running((await books.create(acme)).id);
      await expect(chargePages(books.db, attempt, found)).rejects.toThrow(refusal("quota-pages", policy));
      expect(await books.period(acme)).toMatchObject({ pagesReserved: 0, ocrPagesReserved: 0 });
      expect(await chargePages(books.db, attempt, pages(10, 10))).toBe(true);
    });

    test("of a retry are not refused because the quota became smaller meanwhile", async () => {
      const acme = await books.account({ pages_per_month: 10 });
      const attempt = await books.running((await books.create(acme)).id);
      await chargePages(books.db, attempt, pages(10));
      await books.db
        .update(accounts)
        .set({ limitOverrides: { pages_per_month: 5 } })
        .where(eq(accounts.id, acme));
      expect(await chargePages(books.db, attempt, pages(10))).toBe(true);
    });

    test("of test keys are ten at most and are not metered", async () => {
      const acme = await books.account();
      const attempt = await books.running((await books.create(acme, { principal: { livemode: false } })).id);
      await expect(chargePages(books.db, attempt, pages(11))).rejects.toThrow(refusal("test-limit"));
      expect(await chargePages(books.db, attempt, pages(10))).toBe(true);
      expect(await books.period(acme)).toBeUndefined();
    });
  });
});
