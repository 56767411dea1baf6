import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { routes } from "#contract/openapi.ts";
import { Problem, problemBody } from "#contract/problems.ts";
import { scopes } from "#contract/scopes.ts";
import { call, codeOf, upload } from "./support/client.ts";
import type { Answer } from "./support/fake-origin.ts";
import { type RunningEdge, startEdge } from "./support/start-edge.ts";

let edge: RunningEdge;
beforeAll(async () => {
  edge = await startEdge({ remoteKeys: true });
});
afterAll(() => edge?.stop());

const isKeys = (path: string) => path === "/jwks";
const answerWith = (answer: Answer) =>
  edge.origin.answerWith(({ path }) => (isKeys(path) ? { status: 200, body: edge.issuer.jwks } : answer));
beforeEach(() => answerWith({ status: 200, body: {} }));
const forwarded = () => edge.origin.requests.filter(({ path }) => !isKeys(path));
const problem = (thrown: Problem): Answer => ({
  status: thrown.status,
  headers: { "content-type": "application/problem+json" },
  body: problemBody(thrown, "req_of_the_origin"),
});

/** Protected routes that the edge hands on as they are. */
const own = ["createUpload", "deleteUpload", "createJob", "getJob", "getResult"];
const passedOn = routes.flatMap((route) => ("x-access" in route && !own.includes(route.operationId) ? [route] : []));
const addressOf = (path: string) =>
  path
    .replace("{id}", path.includes("accounts") ? "globex" : `key_${"a".repeat(26)}`)
    .replace("{sha256}", "0".repeat(64))
    .replace("{name}", "pro");

async function send(
  method: string,
  path: string,
  { token, body, headers = {} }: { token?: string; body?: unknown; headers?: object } = {},
) {
  const authorization = token ?? (await edge.issuer.token("acme", { claims: { scope: scopes.join(" ") } }));
  return fetch(`${edge.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${authorization}`, ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

describe("every other route of the contract", () => {
  test("is handed on", () => expect(passedOn.length).toBeGreaterThan(12));

  test.each(passedOn.map((route) => [route.method.toUpperCase(), route.path, route] as const))(
    "%s %s reaches the origin as it was sent, asserted",
    async (method, path) => {
      const address = `${addressOf(path)}?limit=2&search=a%20b`;
      const body = method === "POST" || method === "PATCH" ? { name: "Grüße" } : undefined;
      answerWith({ status: method === "POST" ? 201 : 200, body: { from: "the origin" }, headers: { "idempotent-replayed": "true" } });
      const response = await send(method, address, { body, headers: { "idempotency-key": '"once"' } });
      expect(response.status).toBe(method === "POST" ? 201 : 200);
      expect(await response.json()).toEqual({ from: "the origin" });
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(response.headers.get("idempotent-replayed")).toBe("true");
      const request = forwarded().at(-1);
      expect(request).toMatchObject({ method, path: address, body: body ? JSON.stringify(body) : "" });
      expect(request?.assertion?.principal).toMatchObject({ account: "acme", scopes: [...scopes] });
      expect(request?.headers["idempotency-key"]).toBe(method === "POST" ? '"once"' : undefined);
      expect(edge.origin.faults).toEqual([]);
    },
  );

  test.each(passedOn.map((route) => [route.method.toUpperCase(), route.path, route["x-access"].scope] as const))(
    "%s %s is for the scope that it names",
    async (method, path, scope) => {
      const token = await edge.issuer.token("acme", { claims: { scope: scopes.filter((name) => name !== scope).join(" ") } });
      const response = await send(method, addressOf(path), { token });
      expect(response.status === 200 ? 200 : await codeOf(response)).toBe(scope === "anybody" ? 200 : "scope-missing");
    },
  );

  test("takes no body that is not JSON, or too large", async () => {
    const authorization = `Bearer ${await edge.issuer.token()}`;
    const post = (body: string, type: string) =>
      fetch(`${edge.url}/v1/keys`, { method: "POST", body, headers: { authorization, "content-type": type } });
    expect(await codeOf(await post("a=b", "application/x-www-form-urlencoded"))).toBe("content-type-unsupported");
    expect(await codeOf(await post(`"${"x".repeat(65_536)}"`, "application/json"))).toBe("body-too-large");
  });

  test("gives back a table with its name", async () => {
    answerWith({
      status: 200,
      headers: { "content-type": "text/csv", "content-disposition": 'attachment; filename="usage.csv"' },
      body: "day\n",
    });
    const response = await send("GET", "/v1/usage?format=csv");
    expect(response.headers.get("content-type")).toBe("text/csv");
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="usage.csv"');
    expect(await response.text()).toBe("day\n");
  });

  test("has the time that the whole of an account takes, where that is read or removed", { timeout: 40_000 }, async () => {
    answerWith({ status: 200, body: {}, delayMs: 17_000 });
    const all = [send("GET", "/v1/account/export"), send("DELETE", "/v1/account", { body: {} }), send("GET", "/v1/usage")];
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual([200, 200, 504]);
  });

  test("gives back the origin's problems whole", async () => {
    const errors = [{ pointer: "/name", detail: "is missing" }];
    answerWith({ ...problem(new Problem("quota-conversions", "All used.", { policy: "conversions_per_month", errors })) });
    const response = await send("GET", "/v1/account");
    expect(response.status).toBe(429);
    const expected = { code: "quota-conversions", detail: "All used.", policy: "conversions_per_month", errors };
    expect(await response.json()).toMatchObject({ ...expected, request_id: response.headers.get("x-request-id") });
  });
});

test("tiers are for everybody", async () => {
  answerWith({ status: 200, body: { data: [] } });
  const response = await fetch(`${edge.url}/v1/tiers`);
  expect(await response.json()).toEqual({ data: [] });
  expect(forwarded().at(-1)?.assertion).not.toHaveProperty("principal");
});

test("the public keys are those of the origin, which answers only the edge", async () => {
  answerWith({ status: 200, body: { keys: [] } });
  const response = await fetch(`${edge.url}/.well-known/jwks.json`);
  expect(await response.json()).toEqual({ keys: [] });
  expect(response.headers.get("cache-control")).toBe("public, max-age=60");
  await send("GET", "/v1/account");
  for (const { assertion } of edge.origin.requests.filter(({ path }) => isKeys(path))) expect(assertion).toMatchObject({ address: "edge" });
  expect(edge.origin.faults).toEqual([]);
});

describe("an Idempotency-Key", () => {
  const convert = (id: string) => ({ inputs: [{ upload: id }], steps: [{ operation: "pdf.to-text" }] });
  const missing = convert(`upl_${"z".repeat(26)}`);
  const start = (body: unknown, key?: string) =>
    send("POST", "/v1/jobs", { body, ...(key !== undefined && { headers: { "idempotency-key": key } }) });
  const first = `job_${"b".repeat(26)}`;

  test("goes with the order, and the job of a repeat is the first one", async () => {
    const id = await upload(edge, "a.pdf", "hello");
    answerWith({ status: 202, body: { id: first }, headers: { "idempotent-replayed": "true" } });
    const response = await start(convert(id), "again");
    expect(forwarded().at(-1)).toMatchObject({ path: "/v1/jobs", headers: { "idempotency-key": "again" } });
    expect(response.headers.get("location")).toBe(`/v1/jobs/${first}`);
    expect(await response.json()).toEqual({ id: first });
  });

  test("gets the first answer also when the upload is gone", async () => {
    answerWith({ status: 202, body: { id: first }, headers: { "idempotent-replayed": "true" } });
    const response = await start(missing, "again");
    expect(response.status).toBe(202);
    expect(response.headers.get("idempotent-replayed")).toBe("true");
    expect(response.headers.get("location")).toBe(`/v1/jobs/${first}`);
    const request = forwarded().at(-1);
    expect(request).toMatchObject({ path: "/v1/jobs/replay", headers: { "idempotency-key": "again" } });
    expect(JSON.parse(request?.body ?? "")).toMatchObject(missing);
  });

  test("that was never used leaves the upload missing", async () => {
    answerWith(problem(new Problem("upload-not-found")));
    expect(await codeOf(await start(missing, "new"))).toBe("upload-not-found");
  });

  test("of another request is that problem", async () => {
    answerWith(problem(new Problem("idempotency-mismatch")));
    expect(await codeOf(await start(missing, "other"))).toBe("idempotency-mismatch");
  });

  test("is not asked about where none was sent", async () => {
    const asked = forwarded().length;
    expect(await codeOf(await start(missing))).toBe("upload-not-found");
    expect(forwarded()).toHaveLength(asked);
  });

  test.each(["", '""', "a b", "x".repeat(256)])("%j is none", async (key) => {
    const asked = forwarded().length;
    expect(await codeOf(await start(missing, key))).toBe("idempotency-key-invalid");
    expect(await codeOf(await send("POST", "/v1/keys", { body: {}, headers: { "idempotency-key": key } }))).toBe("idempotency-key-invalid");
    expect(forwarded()).toHaveLength(asked);
  });
});

describe("sign-in", () => {
  test("passes with cookies in both directions, and without a principal", async () => {
    const cookies = ["session=a; HttpOnly; Path=/", "other=b; Path=/"];
    answerWith({ status: 200, body: { user: 1 }, headers: { "set-cookie": cookies, server: "origin" } });
    const response = await fetch(`${edge.url}/api/auth/sign-in/email?x=1`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie: "session=old", origin: "https://app.example.test", "x-tenant": "other" },
      body: '{"email":"ann@example.com"}',
    });
    expect(await response.json()).toEqual({ user: 1 });
    expect(response.headers.getSetCookie()).toEqual(cookies);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.has("server")).toBe(false);
    const request = forwarded().at(-1);
    expect(request).toMatchObject({ method: "POST", path: "/api/auth/sign-in/email?x=1", body: '{"email":"ann@example.com"}' });
    expect(request?.headers).toMatchObject({ cookie: "session=old", origin: "https://app.example.test" });
    expect(request?.headers).not.toHaveProperty("x-tenant");
    expect(request?.assertion).toEqual(expect.objectContaining({ address: "127.0.0.1", path: "/api/auth/sign-in/email?x=1" }));
    expect(request?.assertion).not.toHaveProperty("principal");
    expect(edge.origin.faults).toEqual([]);
  });

  test("may lead elsewhere", async () => {
    answerWith({ status: 302, headers: { location: "/elsewhere" } });
    const response = await fetch(`${edge.url}/api/auth/callback/oidc?code=1`, { redirect: "manual" });
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toMatch(/\/elsewhere$/);
  });

  test.each([
    ["a problem", problem(new Problem("sign-in-failed")), 401, "sign-in-failed"],
    ["words of its own", { status: 403, body: { message: "no" } }, 400, "auth-refused"],
    ["a failure", { status: 500, body: "oops" }, 503, "origin-unavailable"],
  ])("that is refused with %s is a problem", async (_, answer, status, code) => {
    answerWith(answer);
    const response = await fetch(`${edge.url}/api/auth/get-session`);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await codeOf(response)).toBe(code);
  });

  test("cookies count nowhere else", async () => {
    const response = await fetch(`${edge.url}/v1/account`, { headers: { cookie: "session=a" } });
    expect(await codeOf(response)).toBe("token-missing");
  });
});

test("nothing of the origin's inside can be reached", async () => {
  const asked = forwarded().length;
  for (const path of ["/internal/accounts/acme", "/internal/reconcile", "/v1/jobs/replay"]) {
    const response = await call(edge, "POST", path, {});
    expect([404, 405]).toContain(response.status);
  }
  expect(forwarded()).toHaveLength(asked);
});
