// Pages are charged as real boxes find them: a worker's run from the object to its end, with a real scanner and database.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Step } from "#contract/jobs.ts";
import { openLog } from "#origin/log.ts";
import { quarantineOf } from "#origin/quarantine/quarantine.ts";
import { clamd } from "#origin/scanner/clamd.ts";
import type { ObjectStore } from "#origin/storage/object-store.ts";
import { chargePages } from "#origin/usage/charge-pages.ts";
import { reconcile } from "#origin/usage/reconcile.ts";
import { activeRuns } from "#origin/worker/active-runs.ts";
import { boxPool } from "#origin/worker/box-pool.ts";
import { processJob } from "#origin/worker/process-job.ts";
import { fixture } from "#test/fixtures/make.ts";
import { pdf } from "#test/fixtures/pdf.ts";
import { startBoxes } from "#test/support/boxes.ts";
import { startClamd } from "#test/support/clamd.ts";
import type { Started } from "#test/support/start-part.ts";
import { type Books, openBooks, optionsKey, principalOf } from "./support/books.ts";

const toImages: Step = { operation: "pdf.to-images", options: { format: "png", dpi: 18, quality: 85 } };
const toPdf: Step = { operation: "office.to-pdf", options: { quality: 90, pdfua: false, update_indexes: true } };
const ofPages = (count: number) => pdf(Array.from({ length: count }, (_, n) => `Page ${n + 1}`));

let books: Books;
let scanner: Started;
let boxes: Awaited<ReturnType<typeof startBoxes>>;
let pool: ReturnType<typeof boxPool>;

beforeAll(async () => {
  [books, scanner, boxes] = await Promise.all([openBooks("PGlite"), startClamd(), startBoxes({ office: 1, light: 1 })]);
  pool = boxPool(boxes, { allowBare: false, onError: () => {} });
});
afterAll(async () => {
  await pool?.close();
  await Promise.all([books?.stop(), scanner?.stop(), boxes?.stop()]);
});

/** A place for the bytes of one job. */
function place(input: Buffer) {
  const stored: string[] = [];
  const objects: ObjectStore = {
    read: async () => Readable.from([input]),
    async write({ key }, bytes) {
      stored.push(key);
      const hash = createHash("sha256");
      for await (const chunk of bytes) hash.update(chunk);
      return { sha256: hash.digest("hex") };
    },
    remove: async () => {},
    list: async () => stored,
    page: async () => [],
    close: async () => {},
  };
  return { objects, stored };
}

/** A job on these bytes, run to its end. */
async function converted(account: string, input: Buffer, step: Step, livemode = true) {
  const { objects, stored } = place(input);
  const principal = { livemode };
  const office = step.operation === "office.to-pdf";
  const { id } = await books.create(account, { step, size: input.byteLength, filename: office ? "a" : "a.pdf", principal });
  const [attempt] = await books.store.enterWindow(office ? "office" : "light", 1);
  if (attempt?.id !== id) throw new Error("another job runs first");
  const active = activeRuns(books.store, () => {});
  const tools = {
    objects,
    scanner: clamd({ addresses: [scanner.url], allowTestSignatures: true, signaturesAgeMaxMs: 3_600_000 }),
    boxes: pool,
    quarantine: quarantineOf(books.db, 1),
    chargePages: chargePages.bind(null, books.db),
  };
  const log = openLog(process.env.TEST_LOG_LEVEL ?? "silent", "test");
  const ignored = { announceEnd: () => {}, ran: () => {}, serviceClass: async () => undefined };
  await processJob({ store: books.store, tools, active, optionsKey, log, ...ignored }, attempt);
  active.stop();
  expect((await reconcile(books.db, { repair: false })).differences).toEqual([]);
  const job = await books.store.find(principalOf(account, principal), id);
  return { job, stored };
}

test.each([
  ["two pages of a PDF", async () => ofPages(2), toImages, 2],
  ["two pages of a PDF whose text is one file", async () => ofPages(2), Step.parse({ operation: "pdf.to-text" }), 2],
  ["one page of two", async () => ofPages(2), Step.parse({ operation: "pdf.to-text", options: { pages: "2" } }), 1],
  ["one page of a letter", async () => readFile(await fixture("letter.docx")), toPdf, 1],
  ["three slides", async () => readFile(await fixture("slides.odp")), toPdf, 3],
])("%s are charged", async (_what, bytes, step, pages) => {
  const acme = await books.account();
  const input = await bytes();
  const { job, stored } = await converted(acme, input, step);
  expect(job).toMatchObject({ state: "succeeded", problem: null });
  expect(stored).toHaveLength(job?.results.length ?? 0);
  expect(await books.ledger(acme)).toMatchObject([{ conversions: 1, inputBytes: input.byteLength, pages, ocrPages: 0 }]);
  expect(await books.period(acme)).toMatchObject({ pagesUsed: pages, pagesReserved: 0 });
});

test.each([
  ["a PDF", async () => ofPages(3), toImages],
  ["a presentation", async () => readFile(await fixture("slides.odp")), toPdf],
])("%s with more pages than are left fails by name, stores nothing and costs nothing", async (_what, bytes, step) => {
  const acme = await books.account({ pages_per_month: 2 });
  const { job, stored } = await converted(acme, await bytes(), step);
  expect(job).toMatchObject({ state: "failed", problem: { code: "quota-pages", policy: "pages" }, results: [] });
  expect(stored).toEqual([]);
  expect(await books.ledger(acme)).toEqual([]);
  expect(await books.period(acme)).toMatchObject({ conversionsReserved: 0, conversionsUsed: 0, pagesReserved: 0, pagesUsed: 0 });
});

test("test keys convert ten pages for nothing, and not eleven", async () => {
  const acme = await books.account();
  expect((await converted(acme, ofPages(10), toImages, false)).job).toMatchObject({ state: "succeeded", livemode: false, pages: 10 });
  const { job, stored } = await converted(acme, ofPages(11), toImages, false);
  expect(job).toMatchObject({ state: "failed", problem: { code: "test-limit" } });
  expect(stored).toEqual([]);
  expect(await books.period(acme)).toBeUndefined();
  expect(await books.ledger(acme)).toEqual([]);
});
