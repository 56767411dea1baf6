// A box that a document has taken over answers the worker: what it says is no record, no charge and no customer's file.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { BoxHealth } from "#contract/box.ts";
import { r2 } from "#origin/storage/r2.ts";
import { boxPool, type Leased } from "#origin/worker/box-pool.ts";

type Answer = (response: ServerResponse, request: IncomingMessage) => void;
type Lies = Partial<Record<"health" | "open" | "put" | "unlock" | "run" | "result", Answer>>;

const json =
  (body: unknown, status = 200): Answer =>
  (response) =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
const raw =
  (text: string): Answer =>
  ({ socket }) =>
    void socket?.write(text);
const says =
  (...lines: unknown[]): Answer =>
  (response) =>
    void response.writeHead(200).end(lines.map((line) => (typeof line === "string" ? line : `${JSON.stringify(line)}\n`)).join(""));
let poured = 0;
/** Bytes for as long as anybody reads them. */
const endless =
  (piece: string, status = 200): Answer =>
  (response) => {
    response.writeHead(status);
    const pour = () => {
      do poured += piece.length;
      while (!response.destroyed && response.write(piece));
    };
    response.on("drain", pour).on("error", () => {});
    pour();
  };

const engine = { sandbox: "bubblewrap", versions: { node: "24.0.0" } };
const well = { slot: "free", ready: true, lanes: ["light"], engine, office: { starts: 0, documents: 0, replaced: {}, driver: "soffice" } };
const pdf = "%PDF-1.7\nthe result";
const result = { filename: "letter.pdf", content_type: "application/pdf", size: pdf.length, pages: 1 };
const times = { inspected_ms: 1, converted_ms: 1, audited_ms: 1 };
const done = { event: "done", content_type: "application/pdf", traits: [], results: [result], engine, ...times };
const honest: Required<Lies> = {
  health: json(well),
  open: json({ task: "a".repeat(43), sandbox: "bubblewrap" }, 201),
  put: (response) => void response.writeHead(204).end(),
  unlock: json({ was_encrypted: false, size: 10 }),
  run: says(done),
  result: (response) => void response.writeHead(200, { "content-length": pdf.length }).end(pdf),
};

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A box that is honest but for these lies, and a worker that knows no other. */
async function worker(lies: Lies) {
  const folder = mkdtempSync(join(tmpdir(), "lying-"));
  const answers = { ...honest, ...lies };
  const server = createServer((request, response) => {
    const part = /^\/(?:tasks\/\w+\/)?(\w+)/.exec(request.url ?? "")?.[1] ?? "";
    const lie = { health: answers.health, tasks: answers.open, input: answers.put, unlock: answers.unlock, run: answers.run };
    if (request.url?.startsWith("/tasks/") && ["GET", "DELETE"].includes(request.method ?? "") && part !== "results")
      return void response.writeHead(204).end();
    request.resume();
    (part === "results" ? answers.result : (lie[part as keyof typeof lie] ?? json({}, 404)))(response, request);
  });
  server.listen(join(folder, "box.sock"));
  await once(server, "listening");
  const broken: string[] = [];
  const faults: unknown[] = [];
  const pool = boxPool(
    { light: [`unix:${join(folder, "box.sock")}`] },
    { allowBare: false, onError: (fault) => faults.push(fault), onBroken: (_box, how) => broken.push(how) },
  );
  closing.push(async () => {
    await pool.close();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  await pool.look();
  return { pool, broken, signal: AbortSignal.timeout(20_000) };
}

const order = { filename: "letter.docx", content_type: "", steps: [{ operation: "office.to-pdf", options: {} }], deadline_ms: 10_000 };
const heard = () => {};

/** A task from its beginning to its last byte; the problem that it ends with, or what the customer would get. */
async function ends(lies: Lies): Promise<{ end: string; broken: string[]; healthy: boolean | undefined; said: unknown[] }> {
  const { pool, broken, signal } = await worker(lies);
  const said: unknown[] = [];
  const end = await pool
    .lease("light", signal)
    .then((task) => whole(task, said, signal))
    .catch((problem: { code?: string }) => problem.code ?? `no problem: ${problem}`);
  return { end, broken, healthy: (await pool.look())[0]?.healthy, said };
}

async function whole(task: Leased, said: unknown[], signal: AbortSignal): Promise<string> {
  try {
    await task.put(new Blob(["the bytes"]).stream(), 9, signal);
    await task.unlock(undefined, signal);
    const { results, engine } = await task.run(order, ["application/pdf"], (event) => said.push(event), signal);
    said.push(engine);
    let text = "";
    for (const [n, announced] of results.entries())
      for await (const chunk of await task.result(n, announced, signal)) text += Buffer.from(chunk).toString("latin1");
    return text;
  } finally {
    await task.end().catch(heard);
  }
}

test("an honest box is believed", async () => {
  expect(await ends({})).toMatchObject({ end: pdf, broken: [], healthy: true });
});

const crashed = { end: "engine-crashed", broken: [expect.any(String)], healthy: false };
const withResult = (lie: object): Lies => ({ run: says({ ...done, results: [{ ...result, ...lie }] }) });
const gives = (text: string, lie: object = {}): Lies => ({
  ...withResult({ size: text.length, ...lie }),
  result: (response) => void response.end(text),
});

describe("a lie ends the run as the engine's failure, is told to those who watch, and the box gets no other document", () => {
  const lies: Record<string, Lies> = {
    "pages that would give the account some back": withResult({ pages: -1_000_000 }),
    "pages that no document has": withResult({ pages: 2 ** 40 }),
    "a size below nothing": withResult({ size: -1 }),
    "a size that no store holds": withResult({ size: 2 ** 52 }),
    "a name that is a path": withResult({ filename: "../../letter.pdf" }),
    "a name that would end a header": withResult({ filename: 'a".pdf\r\nset-cookie: x=1' }),
    "a name that is read from right to left": withResult({ filename: "letter\u202efdp.exe.pdf" }),
    "a name that is longer than any": withResult({ filename: `${"n".repeat(300_000)}.pdf` }),
    "a program's name": withResult({ filename: "letter.exe" }),
    "a page of the web": withResult({ content_type: "text/html", filename: "letter.html" }),
    "a type that would end a header": withResult({ content_type: "application/pdf\r\nx: y" }),
    "no result": { run: says({ ...done, results: [] }) },
    "more results than any operation makes": { run: says({ ...done, results: Array(10_001).fill({ ...result, filename: "a.pdf" }) }) },
    "a line without an end": { run: endless("x".repeat(16_384)) },
    "news without an end": { run: endless(`${JSON.stringify({ event: "progress", fraction: 0.5 })}\n`.repeat(200)) },
    "news that is no news": { run: says({ event: "root-shell" }) },
    "news that is not JSON": { run: says("<html>\n") },
    "progress beyond all": { run: says({ event: "progress", fraction: 1e300 }) },
    "a problem of the customer's account": {
      run: says({ event: "problem", problem: { type: "x", code: "account-suspended", title: "", status: 403, retry: "never" } }),
    },
    "a problem that would have the job tried for ever": {
      run: says({ event: "problem", problem: { type: "x", code: "scanner-unavailable", title: "", status: 503, retry: "auto" } }),
    },
    "a program under a PDF's name": gives("MZ\x90\x00 this program cannot be run"),
    "a page of the web under a PDF's name": gives("<html><script>alert(1)</script></html>"),
    "a result that begins as a PDF only after its first bytes": gives("<script>%PDF-1.7</script>"),
    "a result that is shorter than announced": gives(pdf, { size: pdf.length + 1 }),
    "a result that is longer than announced": gives(pdf, { size: pdf.length - 1 }),
    "a result without an end": { result: endless(pdf) },
    "an input of less than nothing": { unlock: json({ was_encrypted: false, size: -1 }) },
    "an input of less than no pages": { unlock: json({ was_encrypted: false, size: 1, pages: -5 }) },
    "a way elsewhere": { unlock: (response) => void response.writeHead(307, { location: "http://127.0.0.1:9/" }).end() },
    "an answer to everything": { unlock: json({ ok: true }) },
    "a refusal without an end": { unlock: endless("x".repeat(16_384), 500) },
  };
  for (const [lie, how] of Object.entries(lies)) test(lie, async () => expect(await ends(how)).toMatchObject(crashed));
});

describe("what may be an accident ends the run as a crash and no more", () => {
  const accidents: Record<string, Lies> = {
    "an answer that breaks off": { run: says({ event: "progress", fraction: 0.1 }) },
    "a connection that breaks off": { run: ({ socket }) => void socket?.destroy() },
    "an answer of two lengths": { unlock: raw("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 50\r\n\r\n{}") },
    "an answer of a length and in pieces": {
      unlock: raw("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
    },
    "headers without an end": { unlock: ({ socket }) => void socket?.write(`HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(20_000)}`) },
    "another protocol": { unlock: raw("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n") },
    "a result that breaks off": {
      result: (response) => void response.writeHead(200, { "content-length": pdf.length }).write("%PDF", () => response.socket?.destroy()),
    },
  };
  for (const [accident, how] of Object.entries(accidents))
    test(accident, async () => expect(await ends(how)).toMatchObject({ end: "engine-crashed", broken: [], healthy: true }));
});

test("the object store is not to blame for a result that is not what was announced, and keeps nothing of it", async () => {
  let stored = 0;
  const store = createServer(async (request, response) => {
    await request.resume().toArray();
    stored++;
    response.end();
  });
  store.on("clientError", () => {});
  await once(store.listen(0, "127.0.0.1"), "listening");
  const { port } = store.address() as AddressInfo; // a TCP server has one
  const objects = r2({
    endpoint: `http://127.0.0.1:${port}`,
    accessKeyId: "k",
    secretAccessKey: "s",
    buckets: { uploads: "u", results: "r" },
  });
  closing.push(async () => {
    await objects.close();
    store.closeAllConnections();
    store.close();
  });
  for (const text of [`${pdf} and more`, pdf.slice(1), `MZ${pdf.slice(2)}`]) {
    const { pool, signal } = await worker({ result: (response) => void response.end(text) });
    const task = await pool.lease("light", signal);
    const place = {
      bucket: "results",
      key: "acme/job/1/0",
      contentType: "application/pdf",
      contentDisposition: "",
      sizeBytes: pdf.length,
    } as const;
    const writing = objects.write(place, await task.result(0, result, signal), signal);
    await expect(writing).rejects.toMatchObject({ code: "engine-crashed" });
    await task.end();
  }
  expect(stored).toBe(0);
});

test("an answer that was sent before it was asked for answers no other request", async () => {
  const smuggled = 'HTTP/1.1 200 OK\r\ncontent-length: 34\r\n\r\n{ "was_encrypted": true, "size": 1}';
  const { end, said } = await ends({ put: raw(`HTTP/1.1 204 No Content\r\n\r\n${smuggled}`) });
  expect([pdf, "engine-crashed"]).toContain(end);
  expect(said).not.toContainEqual(expect.objectContaining({ was_encrypted: true }));
});

test("what a box writes for people is cut, and moves no cursor and turns no text around", async () => {
  const text = `\u001b[2J\u0000\u202e\ud800${"x".repeat(50_000)}`;
  const warning = { event: "warning", warning: { code: "type-differs", detail: text } };
  const { end, said } = await ends({ run: says(warning, { ...done, engine: { ...engine, versions: { node: text } } }) });
  expect(end).toBe(pdf);
  expect(said).toHaveLength(2);
  expect(JSON.stringify(said).length).toBeLessThan(1_500);
  expect(JSON.stringify(said)).not.toMatch(/[\p{Cc}\p{Cs}\u202e]|\\u00|\\ud8/u);
});

describe("a box that says of itself what no box does is no slot", () => {
  const versions = (many: number) => Object.fromEntries(Array.from({ length: many }, (_, n) => [`v${n}`, "1"]));
  const lies: Record<string, unknown> = {
    "programs without number": { ...well, engine: { ...engine, versions: versions(21) } },
    "a program whose name the database refuses": { ...well, engine: { ...engine, versions: { "a\u0000": "1" } } },
    "reasons that nobody knows": { ...well, office: { ...well.office, replaced: { "x\ny": 1 } } },
    "a lane a thousand times": { ...well, lanes: Array(1_000).fill("light") },
    "less than no documents": { ...well, office: { ...well.office, documents: -1 } },
    everything: { ok: true },
  };
  for (const [lie, said] of Object.entries(lies))
    test(lie, async () => {
      const { pool, broken } = await worker({ health: json(said) });
      expect(await pool.look()).toMatchObject([{ healthy: false }]);
      expect(pool.ready("light")).toBe(0);
      expect(broken).toHaveLength(1);
    });

  test("more than fits into memory, of which little is read", async () => {
    poured = 0;
    const { pool } = await worker({ health: endless("x".repeat(65_536)) });
    expect(await pool.look()).toMatchObject([{ healthy: false }]);
    expect(poured).toBeLessThan(10_000_000);
  });
});

test("what a box says of itself, with whatever characters, can be kept in the database", async () => {
  const { pool } = await worker({ health: json({ ...well, engine: { ...engine, versions: { node: "24\u0000\ud800" } } }) });
  const [seen] = (await pool.look()) as { health?: BoxHealth }[];
  expect(seen?.health?.engine.versions.node).toBe("24\ufffd\ufffd");
});

test("a task that has no name is not a task", async () => {
  const { pool, broken } = await worker({ open: json({ task: "../health", sandbox: "bubblewrap" }, 201) });
  const lease = pool.lease("light", AbortSignal.timeout(300));
  await expect(lease).rejects.toMatchObject({ code: "engine-unavailable" });
  expect(broken).toHaveLength(1);
});
