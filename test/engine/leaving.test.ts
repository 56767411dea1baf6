// A box that is told to stop, as a container is when another takes its place.
import { spawn } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BoxHealth, BoxTask } from "#contract/box.ts";
import { temporaryFolder } from "#test/support/start-part.ts";

const repo = join(import.meta.dirname, "../..");
let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder("leaving");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function startedBox(name: string, graceMs: number) {
  const workspace = join(folder, name);
  await mkdir(workspace);
  const socketPath = join(folder, `${name}.sock`);
  const env = {
    PATH: process.env.PATH,
    BOX_LISTEN: `unix:${socketPath}`,
    BOX_LANES: "light",
    BOX_WORKSPACE: workspace,
    BOX_GRACE_MS: `${graceMs}`,
  };
  const box = spawn(process.execPath, ["origin/engine/main.ts"], { cwd: repo, env, stdio: ["ignore", "pipe", "inherit"] });
  const exit = new Promise<number | null>((resolve) => box.once("exit", resolve));
  const call = (method: string, path: string) =>
    new Promise<{ status: number; body: unknown }>((resolve, reject) => {
      const outgoing = request({ socketPath, method, path, agent: false }, async (response) => {
        let text = "";
        for await (const piece of response.setEncoding("utf8")) text += piece;
        resolve({ status: response.statusCode ?? 0, body: text ? JSON.parse(text) : undefined });
      });
      outgoing.on("error", reject).end();
    });
  await new Promise((resolve) => box.stdout.once("data", resolve));
  return { call, exit, stop: () => box.kill("SIGTERM") };
}

test("takes no other task and is not ready, ends the one that it has, and then leaves", async () => {
  const { call, exit, stop } = await startedBox("busy", 60_000);
  const { task } = BoxTask.parse((await call("POST", "/tasks")).body);
  stop();
  await expect.poll(async () => BoxHealth.parse((await call("GET", "/health")).body)).toMatchObject({ slot: "busy", ready: false });
  expect((await call("POST", "/tasks")).status).toBe(503);
  expect((await call("DELETE", `/tasks/${task}`)).status).toBe(204);
  expect(await exit).toBe(0);
});

test("leaves at once when it has no task, or no grace", async () => {
  const idle = await startedBox("idle", 60_000);
  idle.stop();
  expect(await idle.exit).toBe(0);
  const hurried = await startedBox("hurried", 0);
  await hurried.call("POST", "/tasks");
  hurried.stop();
  expect(await hurried.exit).toBe(0);
});
