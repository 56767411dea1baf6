import { describe, expect, test } from "vitest";
import { presign } from "#edge/presign.ts";
import { localR2Endpoint } from "#scripts/stack/wrangler-config.ts";
import { address, client, put, refusalOf, secrets } from "./support/client.ts";

const acme = await client();
const toPdf = { operation: "office.to-pdf" };
const bytes = (text: string) => new Uint8Array(Buffer.from(text));

describe("a request is refused", () => {
  const upload = `upl_${"a".repeat(26)}`;
  test.each([
    ["a body that is not JSON", 400, "body-not-json", "{"],
    ["an unknown operation", 400, "operation-unknown", { inputs: [{ upload }], steps: [{ operation: "office.to-gold", options: {} }] }],
    ["an unknown option", 400, "options-invalid", { inputs: [{ upload }], steps: [{ ...toPdf, options: { gold: true } }] }],
    ["an option of the wrong type", 400, "options-invalid", { inputs: [{ upload }], steps: [{ ...toPdf, options: { quality: "high" } }] }],
    ["a page range that is reversed", 400, "options-invalid", { inputs: [{ upload }], steps: [{ ...toPdf, options: { pages: "3-2" } }] }],
    ["two inputs", 422, "inputs-unsupported", { inputs: [{ upload }, { upload }], steps: [{ ...toPdf, options: {} }] }],
    ["two steps", 422, "steps-unsupported", { inputs: [{ upload }], steps: [toPdf, toPdf] }],
    ["an upload that never happened", 404, "upload-not-found", { inputs: [{ upload }], steps: [toPdf] }],
  ])("for %s, with %i %s", async (_, status, code, body) => {
    expect(await refusalOf(await acme.call("POST", "/v1/jobs", body))).toEqual({ status, code });
  });

  test.each([
    ["an empty file", 422, "file-empty", { filename: "a.txt", size: 0 }],
    ["a file above the tier's limit", 413, "file-too-large", { filename: "a.txt", size: 500_000_001 }],
    ["a name with ../", 400, "request-invalid", { filename: "../../etc/passwd", size: 1 }],
    ["a name with control characters", 400, "request-invalid", { filename: "a\r\nb.txt", size: 1 }],
    ["a name of 300 characters", 400, "request-invalid", { filename: `${"a".repeat(296)}.txt`, size: 1 }],
  ])("for %s, with %i %s", async (_, status, code, body) => {
    expect(await refusalOf(await acme.call("POST", "/v1/uploads", body))).toEqual({ status, code });
  });
});

describe("a presigned URL takes", () => {
  test("neither more nor fewer bytes, nor another type, than announced, and then there is no upload", async () => {
    const ticket = await acme.announce({ filename: "a.txt", size: 5, content_type: "text/plain" });
    expect((await put(ticket, "longer than announced")).status).toBe(403);
    expect((await put(ticket, "abc")).status).toBe(403);
    expect((await put({ ...ticket, headers: { ...ticket.headers, "content-type": "text/html" } }, "hello")).status).toBe(403);
    expect(await refusalOf(await acme.create(ticket.id, toPdf))).toEqual({ status: 404, code: "upload-not-found" });
  });

  test("bytes once", async () => {
    const ticket = await acme.announce({ filename: "a.txt", size: 5 });
    expect((await put(ticket, "hello")).status).toBe(200);
    expect((await put(ticket, "HELLO")).status).toBe(412);
  });

  test("nothing after its time", async () => {
    const signing = {
      R2_ENDPOINT: localR2Endpoint(Number(new URL(address).port)),
      R2_ACCESS_KEY_ID: secrets.r2AccessKeyId,
      R2_SECRET_ACCESS_KEY: secrets.r2SecretAccessKey,
    };
    const what = {
      method: "PUT",
      bucket: "trustyconvert-uploads",
      key: `${acme.account}/upl_${"b".repeat(26)}`,
      lifetimeSeconds: 900,
    } as const;
    expect((await put({ url: await presign(signing, what, new Date(Date.now() - 901_000)), headers: {} }, "hello")).status).toBe(403);
    expect((await put({ url: await presign(signing, what, new Date()), headers: {} }, "hello")).status).toBe(200);
  });
});

describe("another account", () => {
  test("finds neither the upload, nor the job, nor its result", async () => {
    const rival = await client();
    const upload = await acme.uploadFixture("letter.txt");
    const { id } = await acme.start(upload, toPdf);
    expect((await acme.ended(id)).state).toBe("succeeded");
    expect(await refusalOf(await rival.create(upload, toPdf))).toEqual({ status: 404, code: "upload-not-found" });
    expect(await refusalOf(await rival.call("GET", `/v1/jobs/${id}`))).toEqual({ status: 404, code: "job-not-found" });
    expect(await refusalOf(await rival.call("GET", `/v1/jobs/${id}/results/0`))).toEqual({ status: 404, code: "job-not-found" });
  });
});

test("an upload whose bytes are not the announced ones by digest fails by name", async () => {
  const upload = await acme.upload("a.txt", bytes("hello"), { sha256: "0".repeat(64) });
  const { id } = await acme.start(upload, toPdf);
  expect(await acme.ended(id)).toMatchObject({ state: "failed", problem: { code: "upload-mismatch" } });
});
