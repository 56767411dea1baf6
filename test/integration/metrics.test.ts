// What operators see: metrics and detailed health at an address of their own, and one event per run in the log.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Job } from "#contract/jobs.ts";
import { HealthDetail } from "#contract/routes/health.ts";
import { eicar } from "#origin/scanner/probes.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { call as send } from "#test/edge/support/client.ts";
import { administrator, asserted, principalOf } from "./support/assert.ts";
import { client } from "./support/client.ts";
import { type House, startHouse } from "./support/house.ts";

const password = "correct horse battery";
const lines: string[] = [];
let port: number;
let house: House;
beforeAll(async () => {
  port = await freePort();
  house = await startHouse({ officeBoxes: 0, variables: { METRICS_PORT: `${port}` }, onLog: (line) => lines.push(line) });
});
afterAll(() => house?.stop());

const inside = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);

/** Values by name and labels, as Prometheus reads them. */
async function metrics(): Promise<Map<string, number>> {
  const text = await (await inside("/metrics")).text();
  return new Map(
    text
      .split("\n")
      .filter((line) => line && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );
}

test("runs, scans, waits, ends, backlog, slots and stores are counted", async () => {
  const acme = client(house);
  const good = await acme.uploadFixture("two-pages.pdf");
  const infected = await acme.upload("bad.pdf", new TextEncoder().encode(eicar));
  expect((await acme.ended((await acme.start(good, { operation: "pdf.to-text" })).id)).state).toBe("succeeded");
  expect((await acme.ended((await acme.start(infected, { operation: "pdf.to-text" })).id)).state).toBe("failed");

  // A run is counted when its slot is free, which is after its client knows its end; and sweeps go by the clock.
  await expect.poll(async () => (await metrics()).get('trusty_job_run_seconds_count{lane="light",outcome="failed"}')).toBe(1);
  await expect.poll(async () => (await metrics()).get("trusty_sweeps_total")).toBeGreaterThan(0);
  const found = await metrics();
  expect(found.get('trusty_jobs_ended_total{state="succeeded",problem=""}')).toBe(1);
  expect(found.get('trusty_jobs_ended_total{state="failed",problem="input-infected"}')).toBe(1);
  expect(found.get('trusty_scans_total{verdict="clean"}')).toBe(1);
  expect(found.get('trusty_scans_total{verdict="infected"}')).toBe(1);
  expect(found.get('trusty_job_wait_seconds_count{lane="light",class="premium"}')).toBe(2);
  expect(found.get('trusty_job_run_seconds_count{lane="light",outcome="succeeded"}')).toBe(1);
  expect(found.get('trusty_job_step_seconds_count{lane="light",step="convert"}')).toBe(1);
  expect(found.get('trusty_slots{lane="light",state="ready"}')).toBe(1);
  expect(found.get('trusty_queue_jobs{lane="light",class="premium",state="queued"}')).toBe(0);
  expect(found.get("trusty_redis_up")).toBe(1);
  expect(found.get('trusty_redis_memory_bytes{kind="used"}')).toBeGreaterThan(0);
  expect(found.get("trusty_database_up")).toBe(1);
  expect(found.get('security_events_total{event="sign-in-failed"}')).toBeDefined();
  expect(found.get("process_resident_memory_bytes")).toBeGreaterThan(0);
});

test("every end is counted once, whoever made it: the request, the sweep, or a run that was canceled", async () => {
  const acme = client(house);
  const before = await metrics();
  const canceled = 'trusty_jobs_ended_total{state="canceled",problem=""}';
  const late = 'trusty_jobs_ended_total{state="failed",problem="job-expired"}';
  const upload = await acme.uploadFixture("letter.docx");
  const cancel = (id: string) => send(house.edge, "POST", `/v1/jobs/${id}/cancel`);
  const answers = async (response: Promise<Response>) => expect((await response).status).toBe(200);

  // No box of this house takes documents for LibreOffice.
  const waiting = await acme.start(upload, { operation: "office.to-pdf" });
  await vi.waitFor(
    async () => {
      const found = await metrics();
      expect(found.get('trusty_queue_jobs{lane="office",class="premium",state="queued"}')).toBe(1);
      expect(found.get('trusty_queue_oldest_seconds{lane="office",class="premium"}')).toBeGreaterThan(0);
      expect(found.get('trusty_queue_cost_seconds{account="acme"}')).toBeGreaterThan(0);
    },
    { timeout: 60_000, interval: 500 },
  );
  await answers(cancel(waiting.id));
  await answers(cancel(waiting.id));

  const running = await acme.start(await acme.uploadFixture("twenty-pages.pdf"), { operation: "pdf.to-images", options: { dpi: 600 } });
  while ((await acme.read(running.id)).progress.stage !== "converting") await sleep(20);
  await answers(send(house.edge, "DELETE", `/v1/jobs/${running.id}`));

  const order = { inputs: [{ upload }], steps: [{ operation: "office.to-pdf" }], expires_in: 1 };
  const expiring = Job.parse(await (await send(house.edge, "POST", "/v1/jobs", order)).json());
  expect(await acme.ended(expiring.id)).toMatchObject({ state: "failed", problem: { code: "job-expired" } });

  const after = await metrics();
  expect((after.get(canceled) ?? 0) - (before.get(canceled) ?? 0)).toBe(2);
  expect((after.get(late) ?? 0) - (before.get(late) ?? 0)).toBe(1);
});

test("a run leaves one event, which names neither the file nor a secret", async () => {
  const acme = client(house);
  const upload = await acme.uploadFixture("two-pages.pdf", "layoffs-in-may.pdf");
  const { id } = await acme.start(upload, { operation: "pdf.to-text", options: { password } });
  const job = await acme.ended(id);
  const runs = () => lines.map((line) => JSON.parse(line)).filter((event) => event.job === id && event.msg === "job run");
  // It is told when the slot is free, which is after the client knows the end.
  await expect.poll(runs).toHaveLength(1);
  expect(runs()).toMatchObject([
    {
      attempt: 1,
      account: "acme",
      tier: "premium",
      class: "premium",
      lane: "light",
      operation: "pdf.to-text",
      outcome: "succeeded",
      scan: "clean",
      box: house.boxes.light[0],
      failures: 0,
      cost_ms: expect.any(Number),
      wait_ms: expect.any(Number),
      run_ms: expect.any(Number),
      steps_ms: { fetch: expect.any(Number), scan: expect.any(Number), convert: expect.any(Number), store: expect.any(Number) },
      bytes_in: expect.any(Number),
      bytes_out: job.results[0]?.size,
      results: 1,
    },
  ]);
  const everything = lines.join("");
  for (const secret of [password, "layoffs", upload, "two-pages"]) expect(everything).not.toContain(secret);
});

test("detailed health tells of every part", async () => {
  const look = async () => HealthDetail.parse(await (await inside("/health/detailed")).json());
  // What boxes say is as old as the worker's last look at them.
  await expect.poll(async () => (await look()).parts.engines.facts?.[0]?.busy).toBe(false);
  const detail = await look();
  expect(detail.status).toBe("ok");
  const { database, redis, scanner, engines, queue, disk } = detail.parts;
  for (const { status } of [database, redis, scanner, engines, queue, disk]) expect(status).toBe("ok");
  expect(redis.facts).toMatchObject({ maxmemory_policy: "noeviction", append_only: true });
  expect(scanner.facts).toMatchObject([{ ready: true, signatures: "test-only" }]);
  expect(engines.facts).toMatchObject([{ lane: "light", ready: true, busy: false, engine: { versions: expect.any(Object) } }]);
  expect(disk.facts?.free_bytes).toBeGreaterThan(0);
});

test("a part that hangs is said to, and holds nobody up", async () => {
  process.kill(house.redis.pid, "SIGSTOP");
  try {
    const { status, parts } = HealthDetail.parse(await (await inside("/health/detailed")).json());
    expect(status).toBe("degraded");
    expect(parts.redis.status).not.toBe("ok");
    expect(parts.redis.facts).toBeUndefined();
    for (const { status: other } of [parts.database, parts.scanner, parts.engines, parts.queue]) expect(other).toBe("ok");
  } finally {
    process.kill(house.redis.pid, "SIGCONT");
  }
});

test("administrators ask for it through the edge's door, others are refused, and the public door has no metrics", async () => {
  const origin = `http://127.0.0.1:${house.config.PORT}`;
  const call = asserted({ edgeKey: house.config.EDGE_KEY, fetch, origin });
  const answer = await call(administrator, "GET", "/v1/admin/health");
  expect(HealthDetail.safeParse(await answer.json()).success).toBe(true);
  expect((await call(principalOf("acme"), "GET", "/v1/admin/health")).status).toBe(403);
  for (const path of ["/metrics", "/health/detailed"]) {
    expect((await fetch(`${origin}${path}`)).status).toBe(401);
    expect((await call(administrator, "GET", path)).status).toBe(404);
  }
});
