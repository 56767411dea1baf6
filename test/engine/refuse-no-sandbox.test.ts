import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { refuseNoSandbox } from "#scripts/stack/refuse-no-sandbox.ts";

const root = join(import.meta.dirname, "../..");
const sockets = mkdtempSync(join(tmpdir(), "trial-"));
afterAll(() => rmSync(sockets, { recursive: true }));

test("where a box can be made nothing is said, and nothing is left", async () => {
  await refuseNoSandbox({ root, sockets });
  expect(readdirSync(sockets)).toEqual([]);
});

test("where none can be made the fault is told with what mends it, before anything starts", async () => {
  const failing = ["/bin/sh", "-c", "echo 'bwrap: Creating new namespace failed' >&2; exit 1"];
  await expect(refuseNoSandbox({ root, sockets }, failing)).rejects.toThrow(
    /^bubblewrap cannot .*\n {2}bwrap: Creating .*\n.*compose files/,
  );
});
