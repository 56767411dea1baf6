// A box among others in one network: its door is the worker's alone.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { freePort } from "#scripts/stack/ports.ts";

const [own, worker, neighbour] = ["127.0.0.41", "127.0.0.42", "127.0.0.43"] as const;
const workspace = mkdtempSync(join(tmpdir(), "callers-"));
const port = await freePort();
const box = spawn(process.execPath, [resolve(import.meta.dirname, "../../origin/engine/main.ts")], {
  env: { BOX_LISTEN: `tcp://${own}:${port}`, BOX_LANES: "light", BOX_WORKSPACE: workspace, BOX_CALLERS: worker },
  stdio: "inherit",
});
afterAll(async () => {
  const ended = new Promise((done) => box.once("exit", done));
  box.kill();
  await ended;
  rmSync(workspace, { recursive: true, force: true });
});

/** The status of the answer; undefined for a connection that is closed without one. */
const ask = (localAddress: string, method: string, path: string) =>
  new Promise<number | undefined>((done) => {
    request({ host: own, port, localAddress, method, path, agent: false }, (response) => done(response.resume().statusCode))
      .on("error", () => done(undefined))
      .end();
  });

test("a neighbour is answered nothing, and cannot make the box busy for the worker", async () => {
  await expect.poll(() => ask(worker, "GET", "/health"), { timeout: 20_000 }).toBe(200);
  for (let n = 0; n < 20; n++) expect(await ask(neighbour, "POST", "/tasks")).toBeUndefined();
  expect(await ask(neighbour, "GET", "/health")).toBeUndefined();
  expect(await ask(worker, "POST", "/tasks")).toBe(201);
});
