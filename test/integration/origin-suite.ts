// What the origin promises, whichever database holds its truth.
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Usage } from "#contract/usage.ts";
import { Reconciliation } from "#origin/usage/reconcile.ts";
import type { FixtureName } from "#test/fixtures/make.ts";
import { startClamd } from "#test/support/clamd.ts";
import { asserted } from "./support/assert.ts";
import { client } from "./support/client.ts";
import type { FreshDatabase } from "./support/fresh-database.ts";
import { type House, startHouse } from "./support/house.ts";

export function originSuite(startDatabase: () => Promise<FreshDatabase | undefined>): void {
  let house: House;
  let database: FreshDatabase | undefined;
  const toPdf = { operation: "office.to-pdf" };

  beforeAll(async () => {
    database = await startDatabase();
    house = await startHouse({ ...(database?.url && { databaseUrl: database.url }) });
  });
  afterAll(async () => {
    await house?.stop(); // undefined when the start failed, which is told by itself
    await database?.stop();
  });

  test("a document becomes a PDF, and the record says how", async () => {
    const acme = client(house);
    const { id } = await acme.start(await acme.uploadFixture("letter.docx", "Brief 🎉.docx"), toPdf);
    const job = await acme.ended(id);
    expect(job).toMatchObject({
      state: "succeeded",
      attempt: 1,
      progress: { stage: "done", fraction: 1 },
      inputs: [{ filename: "Brief 🎉.docx", sha256: expect.stringMatching(/^[0-9a-f]{64}$/), traits: [] }],
      results: [{ filename: "Brief 🎉.pdf", content_type: "application/pdf", pages: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      scan: { verdict: "clean", scanner: expect.stringMatching(/^ClamAV \d/), signatures: "test-only" },
      engine: { sandbox: "bubblewrap" },
    });
    for (const part of ["queued_ms", "fetched_ms", "scanned_ms", "converted_ms", "stored_ms"] as const)
      expect(job.timings[part]).toBeGreaterThanOrEqual(0);
    const file = await acme.result(job);
    expect(file.headers.get("content-disposition")).toContain("filename*=UTF-8''Brief%20%F0%9F%8E%89.pdf");
    expect(
      Buffer.from(await file.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe("%PDF-");
  });

  test("a virus is refused by name, nothing is converted, nothing is stored", async () => {
    const acme = client(house);
    const { id } = await acme.start(await acme.uploadFixture("eicar.txt"), toPdf);
    const job = await acme.ended(id);
    expect(job).toMatchObject({ state: "failed", problem: { code: "input-infected" }, results: [] });
    expect(job.engine).toBeUndefined();
    expect((await acme.result({ ...job, results: [{ url: `/v1/jobs/${id}/results/0` } as never] })).status).toBe(404);
  });

  test("a job waits while the scanner is away, says so, and goes on by itself", async () => {
    const acme = client(house);
    house.clamd.kill();
    const upload = await acme.uploadFixture("letter.docx");
    const { id } = await acme.start(upload, toPdf);
    try {
      await expect.poll(() => acme.read(id)).toMatchObject({ state: "queued", waiting_for: "scanner", results: [] });
      const readiness = async () => (await fetch(`${house.edge.url}/health/ready`)).json();
      await expect.poll(readiness).toMatchObject({ status: "degraded", degraded: ["scanner"] });
    } finally {
      house.clamd = await startClamd({ dir: house.clamd.dir });
    }
    expect(await acme.ended(id)).toMatchObject({ state: "succeeded" });
  });

  test("a flushed Redis loses no job", async () => {
    const acme = client(house);
    const upload = await acme.uploadFixture("letter.docx");
    const jobs = await Promise.all(Array.from({ length: 6 }, () => acme.start(upload, toPdf)));
    const redis = new Redis(house.redis.url);
    await redis.flushall();
    redis.disconnect();
    const ended = await Promise.all(jobs.map(({ id }) => acme.ended(id)));
    expect(ended.map(({ state }) => state)).toEqual(Array(6).fill("succeeded"));
  });

  test("a restart hands running jobs back and loses none", async () => {
    const acme = client(house);
    const upload = await acme.uploadFixture("long.docx");
    const jobs = await Promise.all(Array.from({ length: 4 }, () => acme.start(upload, toPdf)));
    await house.restartOrigin();
    const ended = await Promise.all(jobs.map(({ id }) => acme.ended(id)));
    expect(ended.map(({ state }) => state)).toEqual(Array(4).fill("succeeded"));
  });

  test("a box that dies in mid-conversion costs a try, not the job", async () => {
    const acme = client(house);
    const { id } = await acme.start(await acme.uploadFixture("slow.docx"), toPdf);
    for (let job = await acme.read(id); job.progress.stage !== "converting"; job = await acme.read(id)) await sleep(20);
    await house.boxes.kill("office", 0);
    const job = await acme.ended(id);
    expect(job).toMatchObject({ state: "succeeded" });
    // More when the box takes its time to come back: then the job was handed back once more, to wait for it.
    expect(job.attempt).toBeGreaterThanOrEqual(2);
    expect(job.results).toHaveLength(1);
  });

  test.each([
    ["encrypted.docx", toPdf],
    ["encrypted.doc", toPdf],
    ["encrypted.xlsx", toPdf],
    ["encrypted.xls", toPdf],
    ["encrypted.pptx", toPdf],
    ["encrypted.ppt", toPdf],
    ["encrypted.pdf", { operation: "pdf.to-text" }],
  ])("%s opens with its password only, and its plaintext was scanned", async (name, step) => {
    const acme = client(house);
    const upload = await acme.uploadFixture(name as FixtureName);
    const withPassword = async (password?: string) =>
      acme.ended((await acme.start(upload, { ...step, options: { ...(password && { password }) } })).id);
    expect(await withPassword()).toMatchObject({ state: "failed", problem: { code: "input-encrypted" } });
    expect(await withPassword("wrong")).toMatchObject({ state: "failed", problem: { code: "password-wrong" } });
    const job = await withPassword("open sesame");
    expect(job).toMatchObject({ state: "succeeded", scan: { verdict: "clean" }, inputs: [{ traits: ["encrypted"] }] });
    expect(JSON.stringify(job)).not.toContain("open sesame");
  });

  test("another account sees neither upload nor job nor result", async () => {
    const acme = client(house);
    const rival = client(house, "rival");
    const upload = await acme.uploadFixture("letter.docx");
    const { id } = await acme.start(upload, toPdf);
    await acme.ended(id);
    await expect(rival.start(upload, toPdf)).rejects.toThrow("404");
    expect((await rival.get(`/v1/jobs/${id}`)).status).toBe(404);
    expect((await rival.get(`/v1/jobs/${id}/results/0`)).status).toBe(404);
  });

  test("after crashes, restarts and retries, ledger, jobs and counters agree", async () => {
    const { edge, config } = house;
    const call = asserted({ edgeKey: edge.edgeKey, fetch, origin: `http://127.0.0.1:${config.PORT}` });
    const found = Reconciliation.parse(await (await call(undefined, "POST", "/internal/reconcile")).json());
    expect(found).toEqual({ accounts: 1, differences: [], repaired: false });
    const { total } = Usage.parse(await (await client(house).get("/v1/usage")).json());
    expect(total.conversions).toBeGreaterThan(10);
  });
}
