import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JobOrder } from "#contract/jobs.ts";
import { Problem, type ProblemCode, problemBody } from "#contract/problems.ts";
import { presign } from "#edge/presign.ts";
import { announce, call, codeOf, put, upload } from "./support/client.ts";
import { type RunningEdge, startEdge } from "./support/start-edge.ts";

let edge: RunningEdge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge?.stop());

const job = `job_${"a".repeat(26)}`;
const convert = (upload: string, operation = "office.to-pdf", options: Record<string, unknown> = {}) => ({
  inputs: [{ upload }],
  steps: [{ operation, options }],
});
const refusing = (code: ProblemCode, detail?: string) => {
  const body = problemBody(new Problem(code, detail), "req_of_the_origin");
  return { status: body.status, headers: { "content-type": "application/problem+json" }, body };
};

describe("a new job", () => {
  test("reaches the origin with its input pinned and its defaults filled in", async () => {
    const text = "Grüße";
    const sha256 = createHash("sha256").update(text).digest("hex");
    const ticket = await announce(edge, {
      filename: "Bericht ü % 😀.docx",
      size: Buffer.byteLength(text),
      content_type: "text/plain; charset=utf-8",
      sha256,
    });
    const sent = await put(ticket, text);
    expect(sent.status).toBe(200);
    edge.origin.answerWith({ status: 202, body: { id: "as the origin says" }, headers: { "set-cookie": "a=b", server: "origin" } });

    const response = await call(edge, "POST", "/v1/jobs", { ...convert(ticket.id), expires_in: 90 });

    expect(edge.origin.faults).toEqual([]);
    const order = JobOrder.parse(JSON.parse(edge.origin.requests.at(-1)?.body ?? ""));
    expect(order.inputs).toEqual([
      {
        upload: ticket.id,
        key: `acme/${ticket.id}`,
        etag: sent.headers.get("etag"),
        size: Buffer.byteLength(text),
        content_type: "text/plain; charset=utf-8",
        filename: "Bericht ü % 😀.docx",
        sha256,
      },
    ]);
    expect(order.expires_in).toBe(90);
    expect(order.steps).toEqual([{ operation: "office.to-pdf", options: { quality: 90, pdfua: false, update_indexes: true } }]);
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ id: "as the origin says" });
    expect(response.headers.get("location")).toBe(`/v1/jobs/${order.id}`);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("set-cookie")).toBeNull();
    expect(response.headers.get("server")).toBeNull();
  });

  test("sends the origin nothing of the caller's headers but the listed ones", async () => {
    edge.origin.answerWith({ status: 200, body: {} });
    const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
    await fetch(`${edge.url}/v1/jobs/${job}?wait=3&account=other`, {
      headers: {
        authorization: `Bearer ${await edge.issuer.token()}`,
        cookie: "a=b",
        traceparent,
        "x-request-id": "my-request-1",
        "x-edge-assertion": "forged",
        "x-forwarded-for": "6.6.6.6",
        "x-tenant": "other",
      },
    });
    const request = edge.origin.requests.at(-1);
    expect(request).toMatchObject({ method: "GET", path: `/v1/jobs/${job}?wait=3` });
    const headers = request?.headers ?? {};
    expect(headers).toMatchObject({ traceparent, "x-request-id": "my-request-1" });
    expect(headers["x-edge-assertion"]).not.toBe("forged");
    for (const name of ["authorization", "cookie", "x-tenant"]) expect(headers).not.toHaveProperty(name);
    expect(edge.origin.faults).toEqual([]);
  });

  test("cannot name another account's upload", async () => {
    const id = await upload(edge, "a.docx", "hello", "globex");
    const response = await call(edge, "POST", "/v1/jobs", convert(id));
    expect(response.status).toBe(404);
    expect(await codeOf(response)).toBe("upload-not-found");
  });

  test("is refused when the operation cannot read a file of that name", async () => {
    const id = await upload(edge, "picture.png", "hello");
    const response = await call(edge, "POST", "/v1/jobs", convert(id, "pdf.to-text"));
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: "input-type-unsupported", detail: expect.stringMatching(/PNG.*pdf/) });
  });

  test("is taken when the name says nothing", async () => {
    const id = await upload(edge, "mystery", "hello");
    edge.origin.answerWith({ status: 202, body: {} });
    const response = await call(edge, "POST", "/v1/jobs", convert(id, "pdf.to-text"));
    expect(response.status).toBe(202);
  });

  test("is refused when its input is larger than the account's tier allows now", async () => {
    const key = `initech/upl_${"c".repeat(26)}`;
    const url = await presign(edge.signing, { method: "PUT", bucket: "trustyconvert-uploads", key, lifetimeSeconds: 60 }, new Date());
    const sent = await fetch(url, { method: "PUT", body: new Uint8Array(25_000_001) });
    expect(sent.status).toBe(200);
    edge.origin.accounts.limit("initech", { file_bytes_max: 25_000_000 });
    const response = await call(edge, "POST", "/v1/jobs", convert(`upl_${"c".repeat(26)}`), "initech");
    expect(await codeOf(response)).toBe("file-too-large");
  });
});

describe("the store gives the pinned bytes or none", () => {
  test("by the ETag in the form that the order carries", async () => {
    const id = await upload(edge, "a.docx", "hello");
    edge.origin.answerWith({ status: 202, body: {} });
    await call(edge, "POST", "/v1/jobs", convert(id));
    const [input] = JobOrder.parse(JSON.parse(edge.origin.requests.at(-1)?.body ?? "")).inputs;
    const url = await presign(
      edge.signing,
      { method: "GET", bucket: "trustyconvert-uploads", key: input?.key ?? "", lifetimeSeconds: 60 },
      new Date(),
    );
    const same = await fetch(url, { headers: { "if-match": input?.etag ?? "" } });
    expect([same.status, await same.text()]).toEqual([200, "hello"]);
    const changed = await fetch(url, { headers: { "if-match": '"00000000000000000000000000000000"' } });
    expect(changed.status).toBe(412);
  });
});

describe("a result", () => {
  test("is fetched by a redirect to the object store", async () => {
    const key = `acme/${job}/1/result 0+ü.pdf`;
    const put = await presign(edge.signing, { method: "PUT", bucket: "trustyconvert-results", key, lifetimeSeconds: 60 }, new Date());
    await fetch(put, { method: "PUT", body: "the result" });
    edge.origin.answerWith({ status: 200, body: { key } });
    const response = await call(edge, "GET", `/v1/jobs/${job}/results/0`);
    expect(response.status).toBe(302);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const location = response.headers.get("location") ?? "";
    expect(location.startsWith(`${edge.signing.R2_ENDPOINT}/trustyconvert-results/`)).toBe(true);
    expect(new URL(location).searchParams.get("X-Amz-Expires")).toBe("300");
    expect(await (await fetch(location)).text()).toBe("the result");
    expect((await fetch(location, { method: "PUT", body: "another" })).status).toBe(403);
  });

  test("that has left the store is gone", async () => {
    edge.origin.answerWith({ status: 200, body: { key: `acme/${job}/1/none` } });
    const response = await call(edge, "GET", `/v1/jobs/${job}/results/0`);
    expect(await codeOf(response)).toBe("result-expired");
  });

  test.each([
    `/v1/jobs/${job}/results/-1`,
    `/v1/jobs/${job}/results/x`,
    "/v1/jobs/job_1/results/0",
    `/v1/jobs/${job}?wait=26`,
    `/v1/jobs/${job}?wait=x`,
  ])("and a job are not asked for by %s", async (path) => {
    const response = await call(edge, "GET", path);
    expect(await codeOf(response)).toBe("request-invalid");
  });
});

describe("the origin's refusals and faults", () => {
  test("a problem is passed on with the request id of the edge", async () => {
    edge.origin.answerWith(refusing("job-not-found", "There is none."));
    const response = await call(edge, "GET", `/v1/jobs/${job}`);
    expect(response.status).toBe(404);
    const body = await response.json();
    expect(body).toMatchObject({ code: "job-not-found", detail: "There is none.", request_id: response.headers.get("x-request-id") });
  });

  test.each([
    ["an error page", { status: 502, headers: { "content-type": "text/html" }, body: "<h1>bad</h1>" }, "origin-unavailable"],
    ["a redirect", { status: 302, headers: { location: "http://169.254.169.254/" } }, "origin-unavailable"],
    [
      "a problem outside the table",
      { status: 400, headers: { "content-type": "application/problem+json" }, body: { code: "odd" } },
      "origin-unavailable",
    ],
    ["a connection that breaks", { status: 200, hangUp: true }, "origin-unavailable"],
    ["a refusal of the assertion", refusing("assertion-invalid", "bad key"), "internal"],
  ])("%s is not the caller's fault", async (_, answer, code) => {
    edge.origin.answerWith(answer);
    const response = await call(edge, "GET", `/v1/jobs/${job}`);
    const body = await response.json();
    expect(body).toMatchObject({ code });
    expect(body).not.toHaveProperty("detail");
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  });

  test("silence ends after the wait and ten seconds", async () => {
    // An answer would come so much later that a busy machine does not make up for it.
    edge.origin.answerWith({ status: 200, delayMs: 16_000 });
    const startedMs = performance.now();
    const response = await call(edge, "GET", `/v1/jobs/${job}`);
    expect(response.status).toBe(504);
    expect(await codeOf(response)).toBe("origin-timeout");
    expect(performance.now() - startedMs).toBeGreaterThan(9_900);
  });

  test("nobody listening is said as such", async () => {
    await edge.origin.stop();
    const response = await call(edge, "GET", `/v1/jobs/${job}`);
    expect(response.status).toBe(503);
    expect(await codeOf(response)).toBe("origin-unavailable");
  });
});

test("the log holds neither tokens nor presigned URLs nor keys", async () => {
  const log = await readFile(edge.logPath, "utf8");
  expect(log).toContain('"account":"acme"');
  expect(log).not.toMatch(/X-Amz-|eyJ|Bearer /);
  for (const key of [edge.edgeKey, edge.signing.R2_SECRET_ACCESS_KEY]) expect(log).not.toContain(key.slice(0, 16));
});
