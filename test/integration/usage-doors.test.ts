// What clients and operators read of the books: GET /v1/usage, and `npm run reconcile`.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Usage } from "#contract/usage.ts";
import { usagePeriods } from "#origin/db/schema.ts";
import { assertedApp } from "#origin/http/app.ts";
import { usageDoors } from "#origin/http/doors/usage.ts";
import { openLog } from "#origin/log.ts";
import { Reconciliation } from "#origin/usage/reconcile.ts";
import { plainEnvironment } from "#scripts/stack/part.ts";
import { type Asserted, asserted } from "./support/assert.ts";
import { type Books, openBooks, principalOf } from "./support/books.ts";

const root = join(import.meta.dirname, "../..");
const today = new Date().toISOString().slice(0, 10);

let books: Books;
let call: Asserted;
let acme: string;

beforeAll(async () => {
  books = await openBooks("PostgreSQL");
  const edgeKey = randomBytes(32).toString("base64");
  const log = openLog(process.env.TEST_LOG_LEVEL ?? "silent", "test");
  const app = assertedApp({
    db: books.db,
    log,
    health: async () => ({ status: "ok" }),
    edgeKeys: [Buffer.from(edgeKey)],
    noteKeyUse: () => {},
  });
  usageDoors(app, { db: books.db });
  call = asserted({ edgeKey, fetch: (request) => app.fetch(request) });
  acme = await books.account();
  const { id } = await books.create(acme, { size: 12 });
  await books.end(await books.running(id), "succeeded");
});
afterAll(() => books.stop());

test("usage is JSON as the contract says", async () => {
  const response = await call(principalOf(acme), "GET", "/v1/usage");
  const amounts = { conversions: 1, input_bytes: 12, pages: 0, ocr_pages: 0 };
  expect(Usage.parse(await response.json())).toEqual({
    livemode: true,
    from: `${today.slice(0, 7)}-01`,
    to: today,
    data: [{ day: today, ...amounts }],
    total: amounts,
  });
});

test("usage is a CSV file when it is asked for", async () => {
  const response = await call(principalOf(acme), "GET", "/v1/usage?format=csv&group_by=operation");
  expect(response.headers.get("content-type")).toMatch(/^text\/csv/);
  expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="usage-[\d-]+\.csv"$/);
  expect(await response.text()).toBe("operation,conversions,input_bytes,pages,ocr_pages\r\npdf.to-text,1,12,0,0\r\n");
});

test.each(["from=yesterday", "group_by=account", "format=xml", "from=2020-01-01"])("a query with %s is refused by name", async (query) => {
  const response = await call(principalOf(acme), "GET", `/v1/usage?${query}`);
  expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, "request-invalid"]);
});

test("the running origin reconciles on behalf of the operator", async () => {
  const response = await call(undefined, "POST", "/internal/reconcile?repair=0");
  expect(Reconciliation.parse(await response.json())).toMatchObject({ differences: [], repaired: false });
});

test("npm run reconcile says that the books agree, or prints where not and fails until they were repaired", async () => {
  const run = async (...argv: string[]) => {
    const env = { ...plainEnvironment(process.env), DATABASE_URL: books.url ?? "" };
    const ended = await promisify(execFile)(process.execPath, ["scripts/reconcile.ts", ...argv], { cwd: root, env }).catch(
      (error: { code: number; stdout: string }) => error,
    );
    return { code: "code" in ended ? ended.code : 0, told: ended.stdout };
  };
  expect(await run()).toEqual({ code: 0, told: "The books of 1 account agree.\n" });
  await books.db.update(usagePeriods).set({ pagesUsed: 5 }).where(eq(usagePeriods.account, acme));
  const wrong = await run();
  expect(wrong.code).toBe(1);
  expect(wrong.told).toContain(acme);
  const repaired = await run("--repair");
  expect(repaired).toMatchObject({ code: 0, told: expect.stringContaining("The ledger was not touched") });
  expect(await run()).toMatchObject({ code: 0 });
});
