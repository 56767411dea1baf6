// What is charged, once, and that the books agree, on both databases.
import { setTimeout as sleep } from "node:timers/promises";
import { and, eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jobs, ledger, usagePeriods } from "#origin/db/schema.ts";
import { failuresMax, handBack } from "#origin/jobs/hand-back.ts";
import { jobStore } from "#origin/jobs/store.ts";
import { chargePages } from "#origin/usage/charge-pages.ts";
import { readUsage } from "#origin/usage/read-usage.ts";
import { reconcile } from "#origin/usage/reconcile.ts";
import { type BookKind, type Books, bookKinds, drawn, openBooks, principalOf } from "./support/books.ts";

const nothingLeft = { conversionsReserved: 0, inputBytesReserved: 0, pagesReserved: 0, ocrPagesReserved: 0 };
const nothingUsed = { conversionsUsed: 0, inputBytesUsed: 0, pagesUsed: 0, ocrPagesUsed: 0 };

describe.each(bookKinds)("the books on %s", (kind: BookKind) => {
  let books: Books;
  const agree = async () => expect((await reconcile(books.db, { repair: false })).differences).toEqual([]);

  beforeAll(async () => {
    books = await openBooks(kind);
  });
  afterAll(() => books.stop());

  test("a job that succeeds is one row of the ledger, with its key, its operation and what it used", async () => {
    const acme = await books.account();
    const key = drawn("key");
    const { id } = await books.create(acme, { size: 1_234, principal: { key } });
    const attempt = await books.running(id);
    await chargePages(books.db, attempt, { pages: 3, ocrPages: 2 });
    expect(await books.ledger(acme)).toEqual([]);
    expect(await books.end(attempt, "succeeded")).toBe(true);
    expect(await books.ledger(acme)).toMatchObject([
      { job: id, key, operation: "pdf.to-text", conversions: 1, inputBytes: 1_234, pages: 3, ocrPages: 2 },
    ]);
    expect(await books.period(acme)).toMatchObject({
      ...nothingLeft,
      conversionsUsed: 1,
      inputBytesUsed: 1_234,
      pagesUsed: 3,
      ocrPagesUsed: 2,
    });
    await agree();
  });

  test.each(["failed", "canceled"] as const)("a job that %s costs nothing, and gives back what it reserved", async (state) => {
    const acme = await books.account({ conversions_per_month: 1 });
    const { id } = await books.create(acme);
    const attempt = await books.running(id);
    await chargePages(books.db, attempt, { pages: 3, ocrPages: 0 });
    await books.end(attempt, state);
    expect(await books.ledger(acme)).toEqual([]);
    expect(await books.period(acme)).toMatchObject({ ...nothingLeft, ...nothingUsed });
    await books.create(acme);
    await agree();
  });

  test("waiting jobs that are canceled give back what they reserved; those that run are left alone", async () => {
    const [acme, rival] = [await books.account(), await books.account()];
    const running = await books.running((await books.create(acme)).id);
    const waiting = await books.create(acme);
    await books.create(rival);
    await books.store.cancelQueued(acme);
    expect(await books.store.find(principalOf(acme), waiting.id)).toMatchObject({ state: "canceled", secrets: null });
    expect(await books.period(acme)).toMatchObject({ conversionsReserved: 1, inputBytesReserved: 1_000, ...nothingUsed });
    expect(await books.period(rival)).toMatchObject({ conversionsReserved: 1 });
    expect(await books.end(running, "succeeded")).toBe(true);
    await agree();
  });

  test("a job that was handed back keeps its reservation, and is charged once when a later attempt succeeds", async () => {
    const acme = await books.account();
    const { id } = await books.create(acme);
    const first = await books.running(id);
    await chargePages(books.db, first, { pages: 3, ocrPages: 0 });
    await books.store.leaveRunning(first, { state: "queued", windowAt: null });
    await agree();
    const second = await books.running(id);
    await chargePages(books.db, second, { pages: 3, ocrPages: 0 });
    expect(await books.end(second, "succeeded")).toBe(true);
    expect(await books.end(first, "succeeded")).toBe(false);
    expect(await books.end(second, "succeeded")).toBe(false);
    expect(await books.ledger(acme)).toMatchObject([{ job: id, pages: 3 }]);
    expect(await books.period(acme)).toMatchObject({ ...nothingLeft, conversionsUsed: 1, pagesUsed: 3 });
    await agree();
  });

  test("a job that was tried too often gives back what it reserved", async () => {
    const acme = await books.account();
    const { id } = await books.create(acme);
    const attempt = await books.running(id);
    const [row] = await books.db.select().from(jobs).where(eq(jobs.id, id));
    const needs = { store: books.store, announceEnd: () => {} };
    await handBack(needs, { ...(row as NonNullable<typeof row>), ...attempt, failures: failuresMax }, { reason: "worker-lost" });
    expect(await books.store.find(principalOf(acme), id)).toMatchObject({ state: "failed" });
    expect(await books.period(acme)).toMatchObject({ ...nothingLeft, ...nothingUsed });
  });

  test("a job that ends in a later month is charged to the month that it was made in", async () => {
    const acme = await books.account();
    const { id } = await books.create(acme, { now: new Date("2026-10-31T23:59:59Z") });
    await books.end(await books.running(id), "succeeded");
    expect(await books.ledger(acme)).toMatchObject([{ period: "2026-10" }]);
    expect(await books.period(acme)).toMatchObject({ period: "2026-10", ...nothingLeft, conversionsUsed: 1 });
  });

  test("an end whose charge cannot be written does not happen", async () => {
    const acme = await books.account();
    const { id } = await books.create(acme);
    const attempt = await books.running(id);
    const stale = { job: id, account: acme, operation: "pdf.to-text", period: "1999-01", conversions: 0, pages: 0, ocrPages: 0 };
    const undo = new Error("undone");
    await expect(
      books.db.transaction(async (tx) => {
        await tx.insert(ledger).values(stale);
        // Of its own, because what fails ends the transaction that it is in.
        const ending = tx.transaction((inner) => jobStore(inner).leaveRunning(attempt, { state: "succeeded" }));
        await expect(ending).rejects.toThrow();
        expect(await jobStore(tx).find(principalOf(acme), id)).toMatchObject({ state: "running" });
        throw undo;
      }),
    ).rejects.toBe(undo);
    expect(await books.period(acme)).toMatchObject({ conversionsReserved: 1, ...nothingUsed });
    expect(await books.end(attempt, "succeeded")).toBe(true);
    await agree();
  });

  test("a row of the ledger is never changed or deleted", async () => {
    await expect(books.db.update(ledger).set({ pages: 0 })).rejects.toThrow();
    await expect(books.db.delete(ledger)).rejects.toThrow();
  });

  test("whatever happens to jobs in whatever order, the books agree and no quota is overdrawn", async () => {
    const deed = fc.oneof(
      fc.record({ deed: fc.constant("create" as const), size: fc.integer({ min: 1, max: 400 }) }),
      fc.record({ deed: fc.constant("pages" as const), pick: fc.nat(), pages: fc.integer({ min: 0, max: 9 }) }),
      fc.record({ deed: fc.constant("end" as const), pick: fc.nat(), state: fc.constantFrom("succeeded", "failed", "queued") }),
    );
    const limits = { conversions_per_month: 6, input_bytes_per_month: 1_000, pages_per_month: 20, jobs_queued_max: 1_000 };
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 5, maxLength: 30 }), async (deeds) => {
        const acme = await books.account(limits);
        const made: string[] = [];
        for (const each of deeds) {
          if (each.deed === "create") {
            await books.create(acme, { size: each.size }).then(
              ({ id }) => made.push(id),
              (error: { code?: string }) => expect(error.code).toMatch(/^quota-/),
            );
          } else {
            const id = made[each.pick % Math.max(1, made.length)];
            if (id === undefined) continue;
            await books.running(id).then(
              async (attempt) => {
                if (each.deed === "pages")
                  await chargePages(books.db, attempt, { pages: each.pages, ocrPages: 0 }).catch((error: { code?: string }) =>
                    expect(error.code).toBe("quota-pages"),
                  );
                else if (each.state === "queued") await books.store.leaveRunning(attempt, { state: "queued", windowAt: null });
                else await books.end(attempt, each.state as "succeeded");
              },
              (error: Error) => expect(error.message).toContain("does not run"),
            );
          }
          const period = await books.period(acme);
          expect((period?.conversionsReserved ?? 0) + (period?.conversionsUsed ?? 0)).toBeLessThanOrEqual(6);
          expect((period?.inputBytesReserved ?? 0) + (period?.inputBytesUsed ?? 0)).toBeLessThanOrEqual(1_000);
          expect((period?.pagesReserved ?? 0) + (period?.pagesUsed ?? 0)).toBeLessThanOrEqual(20);
        }
        await agree();
      }),
      { numRuns: 20 },
    );
  });

  test("a counter that was changed is found, told and repaired, and the ledger is not touched", async () => {
    const acme = await books.account();
    const { id } = await books.create(acme, { size: 10 });
    await books.create(acme, { size: 20 });
    await books.end(await books.running(id), "succeeded");
    const before = await books.ledger(acme);
    await books.db.update(usagePeriods).set({ conversionsUsed: 7, inputBytesReserved: 0 }).where(eq(usagePeriods.account, acme));
    const found = await reconcile(books.db, { repair: true });
    expect(found).toMatchObject({
      repaired: true,
      differences: [
        {
          account: acme,
          ledger: [1, 10, 0, 0],
          jobs: [1, 10, 0, 0],
          used: [7, 10, 0, 0],
          unfinished: [1, 20, 0, 0],
          reserved: [1, 0, 0, 0],
        },
      ],
    });
    await agree();
    expect(await books.ledger(acme)).toEqual(before);
    expect(await books.period(acme)).toMatchObject({ conversionsUsed: 1, conversionsReserved: 1, inputBytesReserved: 20 });
  });

  test("a succeeded job without a row in the ledger is told, and a repair does not hide it", async () => {
    const acme = await books.account();
    const { id } = await books.create(acme);
    await books.running(id);
    await books.db.update(jobs).set({ state: "succeeded" }).where(eq(jobs.id, id));
    await reconcile(books.db, { repair: true });
    const { differences } = await reconcile(books.db, { repair: false });
    expect(differences).toMatchObject([{ account: acme, ledger: [0, 0, 0, 0], jobs: [1, 1_000, 0, 0] }]);
    await books.db
      .update(jobs)
      .set({ state: "failed" })
      .where(and(eq(jobs.id, id), eq(jobs.account, acme)));
    await agree();
  });

  describe("read as usage", () => {
    const now = new Date();
    const today = now.toISOString().slice(0, 10);
    const read = (account: string, query: object = {}, livemode = true) =>
      readUsage({ db: books.db, now }, principalOf(account, { livemode }), { group_by: "day", format: "json", ...query });
    const used = { input_bytes: 1_000, pages: 0, ocr_pages: 0 };

    test("are what was charged, by day, operation and key, and never another account's", async () => {
      const [acme, rival] = [await books.account(), await books.account()];
      const key = drawn("key");
      for (const principal of [{}, { key }, { key }]) {
        const { id } = await books.create(acme, { principal });
        await books.end(await books.running(id), "succeeded");
      }
      const three = { conversions: 3, input_bytes: 3_000, pages: 0, ocr_pages: 0 };
      expect(await read(acme)).toMatchObject({ livemode: true, to: today, data: [{ day: today, ...three }], total: three });
      expect((await read(acme, { group_by: "operation" })).data).toEqual([{ operation: "pdf.to-text", ...three }]);
      expect((await read(acme, { group_by: "key" })).data).toEqual([
        { ...three, key, conversions: 2, input_bytes: 2_000 },
        { ...used, key: null, conversions: 1 },
      ]);
      expect((await read(acme, { from: "2025-01-01", to: "2025-12-31" })).data).toEqual([]);
      expect((await read(rival)).data).toEqual([]);
    });

    test("are nothing for test keys", async () => {
      const acme = await books.account();
      const { id } = await books.create(acme, { principal: { livemode: false } });
      await books.end(await books.running(id), "succeeded");
      expect(await read(acme, {}, false)).toMatchObject({ livemode: false, data: [], total: { conversions: 0 } });
      expect(await books.ledger(acme)).toEqual([]);
    });

    test.each([
      ["that is longer than 400 days", { from: "2025-01-01", to: "2026-02-05" }],
      ["that ends before it begins", { from: "2026-02-02", to: "2026-02-01" }],
    ])("of a time %s are refused", async (_what, query) => {
      await expect(read("acme", query)).rejects.toMatchObject({ code: "request-invalid", errors: [{ pointer: "from" }] });
    });
  });
});

describe("when the connection dies between the end of a job and its charge", () => {
  let books: Books;
  beforeAll(async () => {
    books = await openBooks("PostgreSQL");
  });
  afterAll(() => books.stop());

  test("neither has happened, and the next try does both", async () => {
    const acme = await books.account();
    const { id } = await books.create(acme);
    const attempt = await books.running(id);
    const other = await books.another();
    const waiting = sql`select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'with "ended"%'`;
    await books.db.transaction(async (tx) => {
      await tx.select().from(usagePeriods).where(eq(usagePeriods.account, acme)).for("update");
      const ending = jobStore(other.db).leaveRunning(attempt, { state: "succeeded" });
      const broken = expect(ending).rejects.toThrow();
      // A transaction sees one moment of pg_stat_activity, so these go by other connections.
      const found = async () => ((await books.db.execute(waiting)) as unknown as { rows: unknown[] }).rows.length;
      while ((await found()) === 0) await sleep(10);
      await books.db.execute(sql`select pg_terminate_backend(pid) from (${waiting}) as backend`);
      await broken;
    });
    await other.close();
    expect(await books.store.find(principalOf(acme), id)).toMatchObject({ state: "running" });
    expect(await books.ledger(acme)).toEqual([]);
    expect(await books.end(attempt, "succeeded")).toBe(true);
    expect(await books.ledger(acme)).toHaveLength(1);
    expect((await reconcile(books.db, { repair: false })).differences).toEqual([]);
  });
});
