import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { announce, call, codeOf, upload } from "./support/client.ts";
import { type RunningEdge, startEdge } from "./support/start-edge.ts";

let edge: RunningEdge;
beforeAll(async () => {
  edge = await startEdge({ controls: true, corsOrigins: "https://app.example.test" });
});
afterAll(() => edge?.stop());
beforeEach(() => edge.origin.answerWith({ status: 200, body: {} }));

const jobPath = `/v1/jobs/job_${"a".repeat(26)}`;
const perMinute = (burst: number) => ({ per_minute: 1, burst });
const read = (account: string) => call(edge, "GET", jobPath, undefined, account);
const order = { inputs: [{ upload: `upl_${"a".repeat(26)}` }], steps: [{ operation: "pdf.to-text" }] };
const startJob = (account: string, body: unknown = order) => call(edge, "POST", "/v1/jobs", body, account);
const control = (path: string, body?: unknown) =>
  fetch(`${edge.url}/test/${path}`, { method: "POST", ...(body !== undefined && { body: JSON.stringify(body) }) });

describe("a rate", () => {
  test("lets the burst pass and refuses the next by name, with how long to wait", async () => {
    edge.origin.accounts.limit("bursting", { reads: perMinute(3) });
    const answers = [];
    for (let asked = 0; asked < 4; asked++) answers.push(await read("bursting"));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    const refused = answers[3];
    expect(await refused?.json()).toMatchObject({ code: "rate-limited", policy: "reads", retry: "later" });
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(30);
    expect(edge.origin.requests.filter(({ assertion }) => assertion?.principal?.account === "bursting")).toHaveLength(3);
  });

  test("is told with every answer, in the headers of today and of tomorrow", async () => {
    edge.origin.accounts.limit("told", {
      reads: { per_minute: 600, burst: 3 },
      requests: { per_minute: 1, burst: 30 },
      jobs: perMinute(2),
    });
    const good = await read("told");
    expect(good.headers.get("ratelimit-policy")).toBe('"reads";q=600;w=60');
    expect(good.headers.get("ratelimit")).toBe('"reads";r=2;t=1');
    expect(good.headers.get("x-ratelimit-limit")).toBe("3");
    expect(good.headers.get("x-ratelimit-remaining")).toBe("2");
    expect(good.headers.get("x-ratelimit-reset")).toBe("1");
    const notFound = await startJob("told");
    expect(notFound.status).toBe(404);
    expect(notFound.headers.get("ratelimit-policy")).toBe('"requests";q=1;w=60, "jobs";q=1;w=60');
    expect(notFound.headers.get("ratelimit")).toBe('"requests";r=29;t=60, "jobs";r=1;t=60');
    expect(notFound.headers.get("x-ratelimit-remaining")).toBe("1");
    await startJob("told");
    const refused = await startJob("told");
    expect(refused.status).toBe(429);
    expect(refused.headers.get("ratelimit")).toMatch(/^"requests";r=28;t=\d+, "jobs";r=0;t=\d+$/);
  });

  test("is told to nobody whom the edge does not know", async () => {
    const response = await fetch(`${edge.url}${jobPath}`);
    expect(response.status).toBe(401);
    expect(response.headers.has("ratelimit")).toBe(false);
  });

  test("may be read by pages of a listed origin", async () => {
    const response = await fetch(`${edge.url}${jobPath}`, { headers: { origin: "https://app.example.test" } });
    const exposed = response.headers.get("access-control-expose-headers") ?? "";
    for (const name of ["RateLimit", "RateLimit-Policy", "X-RateLimit-Remaining", "Retry-After", "Idempotent-Replayed"])
      expect(exposed.split(",")).toContain(name);
  });

  test("of one kind that is used up leaves the others as they were", async () => {
    edge.origin.accounts.limit("separate", { jobs: perMinute(1), requests: perMinute(3) });
    const [first, second, third] = [await startJob("separate"), await startJob("separate"), await startJob("separate")];
    expect([first?.status, second?.status, third?.status]).toEqual([404, 429, 429]);
    expect(await second?.json()).toMatchObject({ policy: "jobs" });
    expect(third?.headers.get("ratelimit")).toMatch(/^"requests";r=2;/);
    expect((await read("separate")).status).toBe(200);
  });

  test("of an account is the same for all its keys, and test keys have one of their own", async () => {
    edge.origin.accounts.limit("shared", { reads: perMinute(2) });
    const keys = [true, true, false, false].map((livemode) => edge.origin.accounts.addKey("shared", { livemode }).key);
    const ask = async (key = "") => (await fetch(`${edge.url}${jobPath}`, { headers: { authorization: `Bearer ${key}` } })).status;
    const answers = [];
    for (const key of [keys[0], keys[1], keys[0], keys[2], keys[3], keys[2]]) answers.push(await ask(key));
    expect(answers).toEqual([200, 200, 429, 200, 200, 429]);
  });

  test("that an operation has counts beside those of the route", async () => {
    edge.origin.accounts.limit("operating", { operations: { ocr: perMinute(1) } });
    const credential = { kind: "token", account: "operating", subject: "ann", scopes: ["jobs:write"], livemode: true };
    const question = { credential, address: "192.0.2.1", access: { scope: "jobs:write", policies: ["jobs"] } };
    const ask = async (operations: string[]) => (await control("operating/admit", { ...question, operations })).json();
    expect(await ask(["ocr", "ocr", "unlimited"])).toMatchObject({ rates: [{ name: "jobs" }, { name: "ocr", remaining: 0 }] });
    expect(await ask(["ocr"])).toMatchObject({ refusal: { code: "rate-limited", policy: "ocr" } });
    expect(await ask([])).toHaveProperty("admitted");
  });

  test("is not forgotten when the account's object is", async () => {
    edge.origin.accounts.limit("evicted", { reads: perMinute(2), upload_bytes_outstanding_max: 10 });
    await announce(edge, { filename: "a", size: 10 }, "evicted");
    expect([(await read("evicted")).status, (await read("evicted")).status]).toEqual([200, 200]);
    const lookUps = edge.origin.snapshotRequests.length;
    await control("evicted/evict");
    expect((await read("evicted")).status).toBe(429);
    const more = await call(edge, "POST", "/v1/uploads", { filename: "a", size: 1 }, "evicted");
    expect(await codeOf(more)).toBe("uploads-outstanding");
    expect(edge.origin.snapshotRequests).toHaveLength(lookUps);
  });
});

describe("announced bytes", () => {
  test("that nobody uses are limited, until a job uses them", async () => {
    edge.origin.accounts.limit("hoarding", { upload_bytes_outstanding_max: 10 });
    const id = await upload(edge, "a.pdf", "12345678", "hoarding");
    const second = await call(edge, "POST", "/v1/uploads", { filename: "b", size: 3 }, "hoarding");
    expect(second.status).toBe(429);
    expect(await second.json()).toMatchObject({ code: "uploads-outstanding", policy: "upload_bytes_outstanding_max" });
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(3_500);
    await announce(edge, { filename: "c", size: 2 }, "hoarding");

    edge.origin.answerWith({ status: 202, body: {} });
    expect((await startJob("hoarding", { inputs: [{ upload: id }], steps: [{ operation: "pdf.to-text" }] })).status).toBe(202);
    await expect.poll(async () => (await call(edge, "POST", "/v1/uploads", { filename: "b", size: 8 }, "hoarding")).status).toBe(201);
  });

  test("of a file that no job would take are not counted", async () => {
    edge.origin.accounts.limit("greedy", { upload_bytes_outstanding_max: 100, file_bytes_max: 90 });
    const response = await call(edge, "POST", "/v1/uploads", { filename: "a", size: 91 }, "greedy");
    expect(await codeOf(response)).toBe("file-too-large");
    await announce(edge, { filename: "a", size: 90 }, "greedy");
  });
});

describe("a test key", () => {
  test("takes small files only", async () => {
    const { key } = edge.origin.accounts.addKey("trying", { livemode: false });
    const send = (size: number) =>
      fetch(`${edge.url}/v1/uploads`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ filename: "a.pdf", size }),
      });
    expect(await codeOf(await send(2_000_001))).toBe("test-limit");
    expect((await send(2_000_000)).status).toBe(201);
  });
});

test("an operation that is switched off for the account is refused by name", async () => {
  edge.origin.accounts.change("flagged", { features: { "operation:pdf.to-text": false } });
  const response = await startJob("flagged");
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ code: "feature-off", detail: expect.stringContaining("pdf.to-text") });
  const other = await startJob("flagged", { ...order, steps: [{ operation: "pdf.to-images" }] });
  expect(await codeOf(other)).toBe("upload-not-found");
});

describe("when an account's object fails", () => {
  test("whoever was admitted a moment ago is let through, and counted", async () => {
    edge.origin.accounts.change("failing");
    expect((await read("failing")).status).toBe(200);
    await control("failing/fault/throw");
    const through = await read("failing");
    expect(through.status).toBe(200);
    expect(through.headers.has("ratelimit")).toBe(false);
    expect(edge.origin.requests.at(-1)?.assertion?.principal).toMatchObject({ account: "failing", tier: "pro" });
    const log = () => readFile(edge.logPath, "utf8");
    await expect.poll(log).toMatch(/"limiter_bypassed":1/);
    await expect.poll(log).toMatch(/"message":"limiter bypassed","count":1,"account":"failing"/);
    await control("failing/fault/none");
    expect((await read("failing")).headers.has("ratelimit")).toBe(true);
  });

  test("nobody else is", async () => {
    const { key } = edge.origin.accounts.addKey("failing");
    await control("failing/fault/throw");
    const strangers = await fetch(`${edge.url}${jobPath}`, { headers: { authorization: `Bearer ${key}` } });
    expect(strangers.status).toBe(503);
    expect(strangers.headers.get("retry-after")).toBe("5");
    expect(await codeOf(strangers)).toBe("account-state-unavailable");
    await control("failing/fault/none");
  });

  test("an object that does not answer is waited for only so long", async () => {
    edge.origin.accounts.change("hanging");
    const token = await edge.issuer.token("hanging");
    const ask = () => fetch(`${edge.url}${jobPath}`, { headers: { authorization: `Bearer ${token}` } });
    expect((await ask()).status).toBe(200);
    await control("hanging/fault/hang");
    expect((await ask()).status).toBe(200);
    await control("hanging/fault/none");
  });
});
