import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tierDefaults } from "#contract/tiers.ts";
import { presign } from "#edge/presign.ts";
import { announce, call, codeOf, put } from "./support/client.ts";
import { type RunningEdge, startEdge } from "./support/start-edge.ts";

let edge: RunningEdge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge?.stop());

const ticketFor = (size: number) => announce(edge, { filename: "a.txt", size, content_type: "text/plain" });

describe("a ticket takes", () => {
  test("exactly the announced bytes", async () => {
    const ticket = await ticketFor(5);
    const sent = await put(ticket, "hello");
    expect(sent.status).toBe(200);
  });

  test("an empty file's announcement not at all", async () => {
    const response = await call(edge, "POST", "/v1/uploads", { filename: "a.txt", size: 0 });
    expect(response.status).toBe(422);
    expect(await codeOf(response)).toBe("file-empty");
  });

  test("no more than the tier allows, and says how much that is", async () => {
    const size = tierDefaults.pro.file_bytes_max;
    expect((await ticketFor(size)).method).toBe("PUT");
    const response = await call(edge, "POST", "/v1/uploads", { filename: "a.txt", size: size + 1 });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: "file-too-large", detail: expect.stringContaining(`${size}`) });
  });

  test("no second PUT, not even of the same bytes", async () => {
    const ticket = await ticketFor(5);
    await (await put(ticket, "hello")).text();
    const replay = await put(ticket, "hello");
    expect(replay.status).toBe(412);
    const other = await put(ticket, "jello");
    expect(other.status).toBe(412);
  });

  test.each([
    ["fewer bytes", "hell", {}],
    ["more bytes", "hello!", {}],
    ["another type", "hello", { "content-type": "text/html" }],
    ["another name", "hello", { "x-amz-meta-filename": "b.txt" }],
    ["a replacing PUT", "hello", { "if-none-match": '"x"' }],
  ])("not %s", async (_, bytes, headers) => {
    const ticket = await ticketFor(5);
    // fetch sends the true length, and refuses to send another.
    const { "content-length": _length, ...given } = ticket.headers;
    const sent = await put({ ...ticket, headers: { ...given, ...headers } }, bytes);
    expect(sent.status).toBe(403);
  });

  test.each(["if-none-match", "content-type", "x-amz-meta-filename"])("no PUT that leaves out %s", async (name) => {
    const ticket = await ticketFor(5);
    const { [name]: _, ...headers } = ticket.headers;
    const sent = await put({ ...ticket, headers }, "hello");
    expect(sent.status).toBe(403);
  });

  test("a stream with the ticket's headers", async () => {
    const ticket = await ticketFor(5);
    const body = new Blob(["hello"]).stream();
    const sent = await fetch(ticket.url, { method: "PUT", headers: ticket.headers, body, duplex: "half" });
    expect(sent.status).toBe(200);
  });

  test("no bytes of undeclared length", async () => {
    const ticket = await ticketFor(5);
    const { "content-length": _, ...headers } = ticket.headers;
    const body = new Blob(["hello"]).stream();
    const sent = await fetch(ticket.url, { method: "PUT", headers, body, duplex: "half" });
    expect(sent.status).toBe(403);
  });

  test.each([
    ["another key", (url: URL) => Object.assign(url, { pathname: url.pathname.replace("/acme/", "/globex/") })],
    ["a longer life", (url: URL) => url.searchParams.set("X-Amz-Expires", "604800")],
    ["fewer signed headers", (url: URL) => url.searchParams.set("X-Amz-SignedHeaders", "host")],
  ])("no URL that was changed to %s", async (_, change) => {
    const ticket = await ticketFor(5);
    const url = new URL(ticket.url);
    change(url);
    const sent = await put({ ...ticket, url: url.href }, "hello");
    expect(sent.status).toBe(403);
  });

  test.each(["GET", "DELETE", "HEAD"])("no %s", async (method) => {
    const ticket = await ticketFor(5);
    await (await put(ticket, "hello")).text();
    const { "if-none-match": _, ...headers } = ticket.headers;
    expect((await fetch(ticket.url, { method, headers })).status).toBe(403);
  });

  test("nothing after 15 minutes", async () => {
    const ticket = await ticketFor(5);
    expect(Date.parse(ticket.expires_at) - Date.now()).toBeLessThanOrEqual(900_000);
    const key = `acme/upl_${"b".repeat(26)}`;
    const past = new Date(Date.now() - 901_000);
    const url = await presign(edge.signing, { method: "PUT", bucket: "trustyconvert-uploads", key, lifetimeSeconds: 900 }, past);
    const sent = await fetch(url, { method: "PUT", body: "hello" });
    expect(sent.status).toBe(403);
  });
});
