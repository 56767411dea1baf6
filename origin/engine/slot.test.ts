import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { openSlot } from "./slot.ts";

const root = () => {
  const folder = mkdtempSync(join(tmpdir(), "slot-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

test("one task at a time, under an id that cannot be guessed", async () => {
  const slot = openSlot(root(), 1_000);
  const { id } = await slot.open();
  expect(id).toMatch(/^[\w-]{43}$/);
  await expect(slot.open()).rejects.toMatchObject({ code: "box-busy" });
  await slot.end(id);
  expect((await slot.open()).id).not.toBe(id);
});

test("a task that nobody speaks for is ended, and its workspace wiped", async () => {
  const folder = root();
  const slot = openSlot(folder, 30);
  const { signal } = await slot.open();
  await expect.poll(() => [slot.busy, signal.aborted, readdirSync(folder)]).toEqual([false, true, []]);
});

test("a request keeps its task alive, however long it takes", async () => {
  const slot = openSlot(root(), 30);
  const { id } = await slot.open();
  const { release, task } = slot.hold(id);
  await sleep(80);
  expect(task.signal.aborted).toBe(false);
  release();
  await expect.poll(() => task.signal.aborted).toBe(true);
});

test("the slot is free only when what ran has stopped and its files are gone", async () => {
  const slot = openSlot(root(), 1_000);
  const { id, workspace } = await slot.open();
  const { release } = slot.hold(id);
  const ended = slot.end(id);
  await sleep(10);
  expect([slot.busy, existsSync(workspace.path)]).toEqual([true, true]);
  release();
  await ended;
  expect([slot.busy, existsSync(workspace.path)]).toEqual([false, false]);
});

test("another id opens nothing", async () => {
  const slot = openSlot(root(), 1_000);
  await slot.open();
  expect(() => slot.hold("A".repeat(43))).toThrow("task-not-found");
});
