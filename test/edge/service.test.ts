import { afterAll, beforeAll, describe, expect, test } from "vitest";
import openapi from "#contract/openapi.gen.json" with { type: "json" };
import { codeOf } from "./support/client.ts";
import { type RunningEdge, startEdge } from "./support/start-edge.ts";

const browser = "https://app.example.test";
let edge: RunningEdge;
beforeAll(async () => {
  edge = await startEdge({ corsOrigins: `${browser}, https://other.example.test` });
});
afterAll(() => edge?.stop());

const get = (path: string, init: RequestInit = {}) => fetch(`${edge.url}${path}`, { redirect: "manual", ...init });

test("operations are listed with what they take and a schema of their options", async () => {
  const { data } = (await (await get("/v1/operations")).json()) as { data: { id: string }[] };
  expect(data.map(({ id }) => id)).toContain("pdf.to-text");
  expect(data.find(({ id }) => id === "pdf.to-images")).toMatchObject({
    accepts: [{ content_type: "application/pdf", extensions: ["pdf"] }],
    options: { type: "object", properties: { dpi: { default: 150 } }, additionalProperties: false },
  });
});

test("the OpenAPI description is the committed one", async () => {
  const response = await get("/openapi.json");
  expect(await response.json()).toEqual(openapi);
});

describe("health", () => {
  test.each([
    ["ok", { status: 200, body: { status: "ok" } }, 200, { status: "ok" }],
    ["degraded", { status: 200, body: { status: "degraded", degraded: ["clamd"] } }, 200, { status: "degraded", degraded: ["clamd"] }],
    ["unavailable", { status: 503, body: { status: "unavailable" } }, 503, { status: "unavailable" }],
    ["nonsense", { status: 500, body: "oops" }, 503, { status: "unavailable" }],
    ["slow", { status: 200, body: { status: "ok" }, delayMs: 3_000 }, 503, { status: "unavailable" }],
  ])("an origin that is %s is relayed, and the edge itself lives", async (_, answer, status, body) => {
    edge.origin.answerWith(answer);
    const ready = await get("/health/ready");
    expect(ready.status).toBe(status);
    expect(await ready.json()).toMatchObject(body);
    const live = await get("/health/live");
    expect([live.status, await live.json()]).toEqual([
      200,
      { status: "ok", version: expect.stringMatching(/^\d+\.\d+\.\d+\+[0-9a-f]{8}$/) },
    ]);
  });

  test("is also at /health", async () => {
    edge.origin.answerWith({ status: 200, body: { status: "ok" } });
    expect(await (await get("/health")).json()).toEqual({ status: "ok" });
  });
});

describe("addresses and methods", () => {
  test.each(["/", "/v1", "/v1/jobs/", "/v2/jobs", "/v1/jobs/a/b", "/../etc/passwd", "/%2e%2e/x"])(
    "there is nothing at %s",
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(await codeOf(response)).toBe("route-not-found");
    },
  );

  test.each([
    ["GET", "/v1/uploads", "POST"],
    ["DELETE", "/v1/jobs", "POST, GET, HEAD"],
    ["POST", "/v1/jobs/job_x", "GET, DELETE, HEAD"],
    ["PUT", "/openapi.json", "GET, HEAD"],
  ])("%s %s names what is allowed", async (method, path, allow) => {
    const response = await get(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(allow);
    expect(await codeOf(response)).toBe("method-not-allowed");
  });
});

describe("the request id", () => {
  test("is taken over when it is plain", async () => {
    const response = await get("/health/live", { headers: { "x-request-id": "abc-DEF_123" } });
    expect(response.headers.get("x-request-id")).toBe("abc-DEF_123");
  });

  test.each(["short", "x".repeat(65), "with space in", "a;b=c,d<e>"])("is made anew instead of %j, on failures too", async (sent) => {
    const response = await get("/nowhere", { headers: { "x-request-id": sent } });
    const id = response.headers.get("x-request-id");
    expect(id).toMatch(/^req_[a-z2-7]{26}$/);
    expect(await response.json()).toMatchObject({ request_id: id });
  });
});

describe("browsers", () => {
  const preflight = (origin: string) =>
    get("/v1/uploads", {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type" },
    });

  test("of a listed origin may call, without cookies", async () => {
    const response = await preflight(browser);
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe(browser);
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    expect(response.headers.get("access-control-allow-headers")).toMatch(/Authorization/);
    const refusal = await get("/v1/uploads", { method: "POST", headers: { origin: browser } });
    expect(refusal.status).toBe(401);
    expect(refusal.headers.get("access-control-allow-origin")).toBe(browser);
    expect(refusal.headers.get("access-control-expose-headers")).toMatch(/X-Request-Id.*Location/);
    expect(refusal.headers.get("vary")).toMatch(/Origin/i);
  });

  test.each(["https://app.example.test.evil.test", "http://app.example.test", "null", "https://sub.app.example.test"])(
    "of %s may not",
    async (origin) => {
      const response = await preflight(origin);
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
    },
  );

  test.each(["/health/live", "/nowhere", "/v1/jobs"])("are told to guess and frame nothing at %s", async (path) => {
    const { headers } = await get(path);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toMatch(/default-src 'none'/);
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("strict-transport-security")).toBeNull();
    expect(headers.get("x-powered-by")).toBeNull();
  });
});
