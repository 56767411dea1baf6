import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSlot } from "./slot.ts";

test("what a task leaves beside its directory is gone when the next one begins, and LibreOffice's files are not", async () => {
  const root = mkdtempSync(join(tmpdir(), "litter-"));
  mkdirSync(join(root, "office"));
  const slot = openSlot(root, 1_000);
  const first = await slot.open();
  writeFileSync(join(root, "filling"), "x");
  mkdirSync(join(root, ".hidden", "deep"), { recursive: true });
  await slot.end(first.id);
  const second = await slot.open();
  expect(readdirSync(root).sort()).toEqual(["office", second.workspace.path.slice(root.length + 1)].sort());
  await slot.end(second.id);
  rmSync(root, { recursive: true });
});
