import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSocketServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { dial } from "./scanner/connection.ts";
import { box } from "./worker/box.ts";

const folder = mkdtempSync(join(tmpdir(), "Ann's Büro, 100%20 "));
afterAll(() => rmSync(folder, { recursive: true }));

async function listening(server: Server, name: string): Promise<string> {
  const path = join(folder, name);
  await once(server.listen(path), "listening");
  onTestFinished(() => void server.close());
  return `unix:${path}`;
}

test("a box is reached by a socket in a folder of any name", async () => {
  const office = { starts: 1, documents: 1, driver: "unoserver" };
  const health = { slot: "free", ready: true, lanes: ["office"], engine: { sandbox: "bubblewrap", versions: {} }, office };
  const address = await listening(
    createServer((_, response) => void response.end(JSON.stringify(health))),
    "box.sock",
  );
  const found = box(address, { allowBare: false, broken() {} });
  onTestFinished(() => found.close());
  expect(await found.health()).toMatchObject({ ready: true });
});

test("clamd is reached by a socket in a folder of any name", async () => {
  const address = await listening(
    createSocketServer((socket) => void socket.end("PONG\0")),
    "clamd.sock",
  );
  const { reply } = await dial(address, AbortSignal.timeout(5_000));
  expect(await reply).toBe("PONG");
});
