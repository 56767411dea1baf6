// Each row on parts that are broken on purpose.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { HealthDetail } from "#contract/routes/health.ts";
import { judgeCertificate, lookAtAddress } from "./address.ts";
import { judgePreflight, lookAtBucket } from "./bucket.ts";
import { judgeClock, judgeForwarding, judgeReadiness, lookAtEdge } from "./edge.ts";
import { judgeInside } from "./inside.ts";
import { lookAtOriginDoor } from "./origin-door.ts";
import type { Row } from "./row.ts";

const hour = 3_600_000;
const now = Date.parse("2026-06-01T12:00:00Z");
const at = (ms: number) => new Date(ms).toUTCString();
const verdicts = (rows: readonly Row[]) => Object.fromEntries(rows.map(({ check, verdict }) => [check, verdict]));

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});
async function serverWith(answer: (path: string) => [number, unknown]): Promise<URL> {
  const server = createServer((request, response) => {
    const [status, body] = answer(request.url ?? "");
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`); // a TCP server's address is one
}

describe("the address", () => {
  test("a name that nobody has is wrong, and nothing else is asked of it", async () => {
    expect(verdicts(await lookAtAddress(new URL("https://nowhere.invalid")))).toEqual({ dns: "wrong" });
  });
  test("plain http across a network is wrong, and on this machine well", async () => {
    expect(verdicts(await lookAtAddress(new URL("http://api.example.com")))).toEqual({ address: "wrong" });
    expect(verdicts(await lookAtAddress(new URL("http://127.0.0.1:8787")))).toEqual({ address: "ok" });
  });
  test.each([
    [30, "ok"],
    [13, "wrong"],
    [-1, "wrong"],
  ])("a certificate with %i days left is %s", (days, verdict) => {
    expect(judgeCertificate(at(now + days * 24 * hour + hour), now).verdict).toBe(verdict);
  });
});

describe("the edge", () => {
  const edgeSaying = (answers: Record<string, [number, unknown]>) =>
    serverWith((path) => answers[path] ?? [404, { code: "route-not-found" }]);
  const well: Record<string, [number, unknown]> = {
    "/health/live": [200, { status: "ok", version: "1.0.0+aaaaaaaa" }],
    "/health/ready": [200, { status: "ok", version: "1.0.0+aaaaaaaa" }],
    "/v1/tiers": [200, { data: [] }],
    "/.well-known/jwks.json": [200, { keys: [{}] }],
  };
  test("that does all is well in every row", async () => {
    const { rows, version } = await lookAtEdge(await edgeSaying(well));
    expect(version).toBe("1.0.0+aaaaaaaa");
    expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(["ok"]));
  });
  test.each([
    ["is another program", { "/health/live": [200, { hello: "world" }] }, { edge: "wrong" }],
    ["is another release than the origin", { "/health/ready": [200, { status: "ok", version: "1.1.0+bbbbbbbb" }] }, { versions: "wrong" }],
    ["has another key than the origin", { "/v1/tiers": [500, { code: "internal" }] }, { "edge key": "wrong" }],
    [
      "does not reach the origin",
      { "/health/ready": [503, { status: "unavailable", degraded: ["origin"] }], "/v1/tiers": [502, { code: "origin-unavailable" }] },
      { origin: "wrong", "edge key": "could not tell" },
    ],
    [
      "hears nothing from the origin about token keys",
      { "/.well-known/jwks.json": [504, { code: "origin-timeout" }] },
      { "token keys": "could not tell" },
    ],
    ["has no token keys", { "/.well-known/jwks.json": [503, { code: "not-ready" }] }, { "token keys": "wrong" }],
  ] as const)("that %s is found out", async (_, answers, expected) => {
    const { rows } = await lookAtEdge(await edgeSaying({ ...well, ...(answers as unknown as typeof well) }));
    expect(verdicts(rows)).toMatchObject(expected);
    for (const row of rows) if (row.verdict === "wrong") expect(row.mend, row.check).toBeDefined();
  });
  test("that does not answer is wrong, with what to do", async () => {
    const { rows } = await lookAtEdge(new URL("http://127.0.0.1:9"));
    expect(rows).toMatchObject([{ check: "edge", verdict: "wrong", mend: expect.stringContaining("wrangler") }]);
  });
  test("an origin that lacks a part is named with it", () => {
    expect(judgeReadiness({ status: "degraded", degraded: ["scanner"] }, "1")[0]).toMatchObject({
      verdict: "wrong",
      found: "takes jobs, without scanner",
    });
    expect(judgeForwarding(200, undefined).verdict).toBe("ok");
  });
  test.each([
    [0, "ok"],
    [-60_000, "wrong"],
    [60_000, "wrong"],
  ])("a clock that differs by %i ms is %s", (skew, verdict) => {
    expect(judgeClock("edge", at(now), now + 500 + skew, 100).verdict).toBe(verdict);
  });
});

describe("the bucket", () => {
  const page = "https://app.example.com";
  const asked = { check: "cors", status: 204, page, method: "PUT", names: ["content-type", "if-none-match"] };
  const allows = (changes: Record<string, string> = {}) =>
    new Headers({
      "access-control-allow-origin": page,
      "access-control-allow-methods": "GET, PUT",
      "access-control-allow-headers": "content-type, if-none-match",
      ...changes,
    });
  test("is not asked without a key", async () => {
    expect(verdicts(await lookAtBucket(new URL("http://127.0.0.1:9"), undefined, []))).toEqual({ bucket: "could not tell" });
  });
  test.each([
    ["does not hold", 401, "key-invalid", "wrong", "TRUSTY_KEY"],
    ["may not upload", 403, "scope-missing", "wrong", "uploads:write"],
    ["has used up its account's rate", 429, "rate-limited", "could not tell", "problems.md"],
  ])("a key that %s is told from a bucket that is wrong, with what to do", async (_, status, code, verdict, mend) => {
    const edge = await serverWith(() => [status, { code }]);
    const found = expect.stringContaining(code);
    expect(await lookAtBucket(edge, "tc_live_x", [])).toEqual([{ check: "bucket", verdict, found, mend: expect.stringContaining(mend) }]);
  });
  test("that does not take presigned uploads is found out, and what it says is named", async () => {
    const store = await serverWith(() => [403, "<Code>SignatureDoesNotMatch</Code>"]);
    const ticket = { id: `upl_${"a".repeat(26)}`, method: "PUT", url: `${store}u/1`, headers: {}, expires_at: new Date(now).toISOString() };
    const edge = await serverWith((path) => [path === "/v1/uploads" ? 201 : 204, ticket]);
    const [row] = await lookAtBucket(edge, "tc_live_x", []);
    expect(row).toMatchObject({ check: "bucket", verdict: "wrong", found: expect.stringContaining("SignatureDoesNotMatch") });
  });
  test("whose rule fits the page is well", () => {
    expect(judgePreflight({ ...asked, headers: allows() }).verdict).toBe("ok");
  });
  test.each([
    ["has no rule", { ...asked, status: 403, headers: new Headers() }],
    ["allows another page", { ...asked, headers: allows({ "access-control-allow-origin": "https://other.example.com" }) }],
    ["allows reading only", { ...asked, headers: allows({ "access-control-allow-methods": "GET" }) }],
    ["does not allow our headers", { ...asked, headers: allows({ "access-control-allow-headers": "content-type" }) }],
  ])("that %s is wrong", (_, preflight) => {
    expect(judgePreflight(preflight)).toMatchObject({ verdict: "wrong", mend: expect.stringContaining("r2-cors.json") });
  });
});

describe("the origin's door", () => {
  test("that refuses strangers, or does not answer them at all, is well", async () => {
    const refusing = await serverWith(() => [401, { code: "assertion-invalid" }]);
    expect(verdicts(await lookAtOriginDoor(refusing))).toEqual({ "origin's door": "ok", "clock (origin)": "ok" });
    expect(verdicts(await lookAtOriginDoor(new URL("http://127.0.0.1:9")))).toEqual({ "origin's door": "ok" });
  });
  test("that shows its metrics to the world is wrong, and the path is named", async () => {
    const door = await serverWith((path) => [path === "/metrics" ? 200 : 404, {}]);
    expect((await lookAtOriginDoor(door))[0]).toMatchObject({ verdict: "wrong", found: expect.stringContaining("/metrics") });
  });
});

describe("the inside", () => {
  const engine = { sandbox: "container", versions: { libreoffice: "25.2" } } as const;
  const box = { lane: "office", address: "http://engine:8790", ready: true, busy: false, engine } as const;
  const well: HealthDetail["parts"] = {
    database: { status: "ok", ms: 3, facts: { migrations: "complete" } },
    redis: { status: "ok", ms: 1, facts: { maxmemory_policy: "noeviction", append_only: true, memory_bytes: 1, memory_bytes_max: 100 } },
    scanner: { status: "ok", ms: 2, facts: [{ address: "tcp://clamav:3310", ready: true, signatures_age_hours: 12 }] },
    engines: { status: "ok", ms: 2, facts: [box, box] },
    queue: { status: "ok", ms: 2, facts: [] },
    disk: { status: "ok", ms: 0, facts: { path: "/", total_bytes: 100e9, free_bytes: 50e9 } },
  };
  const detail = (parts: Partial<typeof well>): HealthDetail => ({
    status: "ok",
    process: {
      role: "worker",
      version: "1",
      node: "v24",
      uptime_seconds: 1,
      memory_bytes: { resident: 1, heap_used: 1 },
      processor_seconds: 1,
    },
    host: { processors: 2, load: [0, 0, 0], memory_bytes: { total: 1, free: 1 } },
    parts: { ...well, ...parts },
  });
  const wrongOf = (parts: Partial<typeof well>) => judgeInside(detail(parts), "1").filter(({ verdict }) => verdict === "wrong");

  test("that is well has no wrong row", () => {
    expect(wrongOf({})).toEqual([]);
  });
  test.each<[string, Partial<typeof well>, string, RegExp]>([
    ["a database that is away", { database: { status: "failed", ms: 5, error: "ECONNREFUSED" } }, "postgres", /ECONNREFUSED/],
    ["a database that is far", { database: { status: "ok", ms: 900, facts: { migrations: "complete" } } }, "postgres", /900 ms/],
    ["missing migrations", { database: { status: "ok", ms: 3, facts: { migrations: "missing" } } }, "migrations", /missing/],
    [
      "a Redis that forgets",
      { redis: { ...well.redis, facts: { append_only: true, maxmemory_policy: "allkeys-lru", memory_bytes: 1, memory_bytes_max: 0 } } },
      "redis policy",
      /allkeys-lru/,
    ],
    [
      "a Redis without a disk",
      { redis: { ...well.redis, facts: { append_only: false, maxmemory_policy: "noeviction", memory_bytes: 1, memory_bytes_max: 0 } } },
      "redis disk",
      /no/,
    ],
    [
      "a Redis that is full",
      { redis: { ...well.redis, facts: { append_only: true, maxmemory_policy: "noeviction", memory_bytes: 95, memory_bytes_max: 100 } } },
      "redis memory",
      /95 %/,
    ],
    [
      "old signatures",
      { scanner: { ...well.scanner, facts: [{ address: "tcp://c:1", ready: true, signatures_age_hours: 90 }] } },
      "clamd tcp://c:1 signatures",
      /90 hours/,
    ],
    [
      "a clamd that is away",
      { scanner: { ...well.scanner, facts: [{ address: "tcp://c:1", ready: false }] } },
      "clamd tcp://c:1",
      /not answer/,
    ],
    ["a part that hangs", { scanner: { status: "late", ms: 2_500 } }, "clamd", /in time/],
    ["no engines", { engines: { ...well.engines, facts: [] } }, "engines", /none/],
    ["an engine that is away", { engines: { ...well.engines, facts: [box, { ...box, ready: false }] } }, "engines", /1 of 2/],
    [
      "engines of several versions",
      { engines: { ...well.engines, facts: [box, { ...box, engine: { ...engine, versions: { libreoffice: "7.4" } } }] } },
      "engine versions",
      /25\.2 and 7\.4/,
    ],
    [
      "missing fonts",
      { engines: { ...well.engines, facts: [{ ...box, engine: { ...engine, versions: { "fonts-missing": "Carlito" } } }] } },
      "fonts",
      /Carlito/,
    ],
    [
      "an engine without a sandbox",
      { engines: { ...well.engines, facts: [{ ...box, engine: { ...engine, sandbox: "none" } }] } },
      "sandbox",
      /1 engines/,
    ],
    [
      "a queue that stands",
      { queue: { ...well.queue, facts: [{ lane: "office", class: "standard", queued: 9, window: 2, running: 0, oldest_seconds: 3_600 }] } },
      "queue",
      /9 wait/,
    ],
    ["a full disk", { disk: { status: "ok", ms: 0, facts: { path: "/", total_bytes: 100e9, free_bytes: 5e9 } } }, "disk", /5\.0 GB/],
  ])("%s is one wrong row, with what to do", (_, parts, check, found) => {
    expect(wrongOf(parts)).toEqual([
      { check: `worker: ${check}`, verdict: "wrong", found: expect.stringMatching(found), mend: expect.any(String) },
    ]);
  });
  test("a process that has files in memory only cannot tell of the host's disk, and says who can", () => {
    const disk = { status: "ok", ms: 0, facts: { path: "/tmp", total_bytes: 64e6, free_bytes: 64e6 } } as const;
    expect(judgeInside(detail({ disk }), "1").at(-1)).toMatchObject({
      check: "worker: disk",
      verdict: "could not tell",
      mend: expect.stringContaining("df -h"),
    });
  });
  test("another release than the edge's is wrong", () => {
    expect(judgeInside(detail({}), "2")[0]).toMatchObject({ check: "worker: version", verdict: "wrong" });
  });
});
