import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call } from "./support/client.ts";
import { type RunningEdge, startEdge } from "./support/start-edge.ts";

let edge: RunningEdge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge?.stop());

async function post(path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> {
  const authorization = `Bearer ${await edge.issuer.token()}`;
  return fetch(`${edge.url}${path}`, { method: "POST", body, headers: { authorization, "content-type": "application/json", ...headers } });
}

describe("a body that is not a request is refused", () => {
  test.each([
    ["not JSON", "{", {}, 400, "body-not-json"],
    ["empty", "", {}, 400, "body-not-json"],
    ["not UTF-8", Buffer.from([0x22, 0xff, 0x22]), {}, 400, "body-not-json"],
    ["a form", "a=b", { "content-type": "application/x-www-form-urlencoded" }, 415, "content-type-unsupported"],
    ["text", "{}", { "content-type": "text/plain" }, 415, "content-type-unsupported"],
    ["compressed", "{}", { "content-encoding": "gzip" }, 415, "content-type-unsupported"],
    ["larger than 64 KiB", `"${"x".repeat(65_536)}"`, {}, 413, "body-too-large"],
    ["a list", "[]", {}, 400, "request-invalid"],
    ["nested deeply", "[".repeat(30_000) + "]".repeat(30_000), {}, 400, "request-invalid"],
  ])("%s", async (_, body, headers, status, code) => {
    for (const path of ["/v1/uploads", "/v1/jobs"]) {
      const response = await post(path, body, headers);
      expect(await response.json()).toMatchObject({ code, status });
      expect(response.status).toBe(status);
    }
  });

  test("without a declared length, once more than 64 KiB have come", async () => {
    const token = await edge.issuer.token();
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(edge.port, "127.0.0.1");
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
        if (text.includes("\r\n\r\n")) socket.destroy();
      });
      socket.on("close", () => resolve(text));
      socket.on("error", (error) => (text === "" ? reject(error) : resolve(text)));
      const head = ["POST /v1/uploads HTTP/1.1", `Host: 127.0.0.1:${edge.port}`, `Authorization: Bearer ${token}`];
      socket.write(`${[...head, "Content-Type: application/json", "Transfer-Encoding: chunked"].join("\r\n")}\r\n\r\n`);
      const chunk = "x".repeat(16_384);
      for (let sent = 0; sent < 6; sent += 1) socket.write(`4000\r\n${chunk}\r\n`);
      socket.write("0\r\n\r\n");
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe("an upload request names its fault", () => {
  test.each([
    ["no filename", { size: 1 }, "/filename"],
    ["a path as filename", { filename: "../etc/passwd", size: 1 }, "/filename"],
    ["a backslash in the filename", { filename: "a\\b", size: 1 }, "/filename"],
    ["a control character in the filename", { filename: "a\nb", size: 1 }, "/filename"],
    ["a direction override in the filename", { filename: "a\u202efdp.exe", size: 1 }, "/filename"],
    ["half a surrogate pair in the filename", { filename: "a\ud800", size: 1 }, "/filename"],
    ["a filename of 300 characters", { filename: "a".repeat(300), size: 1 }, "/filename"],
    ["a negative size", { filename: "a", size: -1 }, "/size"],
    ["half a byte", { filename: "a", size: 0.5 }, "/size"],
    ["a size as text", { filename: "a", size: "1" }, "/size"],
    ["a content type with a line break", { filename: "a", size: 1, content_type: "text/plain\r\nx: y" }, "/content_type"],
    ["a content type with a line break between parameters", { filename: "a", size: 1, content_type: "text/plain;\n a=b" }, "/content_type"],
    ["a content type beyond ASCII", { filename: "a", size: 1, content_type: 'text/plain; a="ü😀"' }, "/content_type"],
    ["a digest in upper case", { filename: "a", size: 1, sha256: "A".repeat(64) }, "/sha256"],
    ["an unknown field", { filename: "a", size: 1, account: "other" }, ""],
  ])("%s", async (_, body, pointer) => {
    const response = await call(edge, "POST", "/v1/uploads", body);
    expect(await response.json()).toMatchObject({ code: "request-invalid", errors: [{ pointer }] });
  });
});

describe("a job request names its fault", () => {
  const inputs = [{ upload: `upl_${"a".repeat(26)}` }];
  const step = (operation: string, options: Record<string, unknown> = {}) => ({ inputs, steps: [{ operation, options }] });
  test.each([
    ["no inputs", { inputs: [], steps: [{ operation: "pdf.to-text" }] }, "request-invalid", "/inputs"],
    ["no steps", { inputs, steps: [] }, "request-invalid", "/steps"],
    [
      "an upload id that is a path",
      { inputs: [{ upload: "../x" }], steps: [{ operation: "pdf.to-text" }] },
      "request-invalid",
      "/inputs/0/upload",
    ],
    ["an unknown operation", step("pdf.to-gold"), "operation-unknown", "/steps/0/operation"],
    ["an unknown option", step("pdf.to-text", { colour: 1 }), "options-invalid", "/steps/0/options"],
    ["an option of another type", step("pdf.to-images", { dpi: "150" }), "options-invalid", "/steps/0/options/dpi"],
    ["an option out of bounds", step("pdf.to-images", { dpi: 100_000 }), "options-invalid", "/steps/0/options/dpi"],
    ["a page range that is reversed", step("pdf.to-text", { pages: "5-2" }), "options-invalid", "/steps/0/options/pages"],
  ])("%s", async (_, body, code, pointer) => {
    const response = await call(edge, "POST", "/v1/jobs", body);
    expect(await response.json()).toMatchObject({ code, errors: [{ pointer }] });
  });

  test.each([
    ["more than one input", { inputs: [...inputs, ...inputs], steps: [{ operation: "pdf.to-text" }] }, "inputs-unsupported"],
    ["more than one step", { inputs, steps: [{ operation: "office.to-pdf" }, { operation: "pdf.to-text" }] }, "steps-unsupported"],
    ["an upload that never happened", step("pdf.to-text"), "upload-not-found"],
  ])("%s", async (_, body, code) => {
    const response = await call(edge, "POST", "/v1/jobs", body);
    expect(await response.json()).toMatchObject({ code });
    expect(edge.origin.requests.filter(({ path }) => path.startsWith("/v1"))).toEqual([]);
  });
});
