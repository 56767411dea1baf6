import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSlot, type Slot } from "./slot.ts";

let root: string;
let temporary: string;
let slot: Slot;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "litter-"));
  temporary = mkdtempSync(join(tmpdir(), "litter-"));
  mkdirSync(join(root, "office"));
  slot = openSlot(root, 1_000, { temporary: [temporary] });
});
afterEach(() => {
  for (const folder of [root, temporary]) rmSync(folder, { recursive: true });
});

const litter = () => {
  for (const folder of [root, temporary]) {
    writeFileSync(join(folder, "filling"), "x");
    mkdirSync(join(folder, ".hidden", "deep"), { recursive: true });
    mkdirSync(join(folder, "task-of-nobody"));
  }
};

test("what a task leaves beside its directory is gone when the next one begins, and LibreOffice's files are not", async () => {
  const first = await slot.open();
  litter();
  await slot.end(first.id);
  const second = await slot.open();
  expect(readdirSync(root).sort()).toEqual(["office", second.workspace.path.slice(root.length + 1)].sort());
  expect(readdirSync(temporary)).toEqual([]);
  await slot.end(second.id);
});

test("so it is when LibreOffice is replaced under a task, whose own directory stays", async () => {
  const task = await slot.open();
  litter();
  slot.clear();
  expect(readdirSync(root).sort()).toEqual(["office", task.workspace.path.slice(root.length + 1)].sort());
  expect(readdirSync(temporary)).toEqual([]);
  await slot.end(task.id);
  slot.clear();
  expect(readdirSync(root)).toEqual(["office"]);
});

test("a temporary folder that is not the box's own is left alone", async () => {
  const shared = openSlot(root, 1_000);
  litter();
  shared.clear();
  expect(readdirSync(temporary)).toHaveLength(3);
});
