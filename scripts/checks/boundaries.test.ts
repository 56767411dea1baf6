import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";

const root = join(import.meta.dirname, "../..");
const Report = z.object({
  summary: z.object({ violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })) }),
});

/** A file that each rule must refuse, by the rule's name; `#…` and relative spellings both. */
const offenders: Record<string, { path: string; text: string }> = {
  "contract-is-closed": { path: "contract/a.ts", text: 'import "hono";' },
  "routes-are-closed": { path: "contract/routes/a.ts", text: 'import "hono";' },
  "operations-are-closed": { path: "contract/operations/a.ts", text: 'import "../tiers.ts";' },
  "edge-is-a-worker": { path: "edge/a.ts", text: 'import { x } from "#origin/x.ts"; x();' },
  "edge-without-node": { path: "edge/b.ts", text: 'import type { Stats } from "node:fs"; export type A = Stats;' },
  "doors-are-thin": { path: "origin/http/a.ts", text: 'import "bullmq";' },
  "bullmq-has-one-room": { path: "origin/jobs/a.ts", text: 'const { Queue } = await import("bullmq"); new Queue("a");' },
  "one-spawn": { path: "origin/worker/a.ts", text: 'import { spawn } from "node:child_process"; spawn("a");' },
  "the-box-is-closed": { path: "origin/engine/a.ts", text: 'import { x } from "../x.ts"; x();' },
  "the-box-without-routes": { path: "origin/engine/b.ts", text: 'import "#contract/routes/a.ts";' },
  "nobody-reaches-into-the-box": { path: "origin/worker/b.ts", text: 'import "../engine/a.ts";' },
  "origin-without-edge": { path: "origin/c.ts", text: 'import "../edge/a.ts";' },
  "nobody-imports-scripts-or-tests": { path: "origin/d.ts", text: 'import "#scripts/a.ts";' },
  "jobs-end-in-their-store": { path: "origin/h.ts", text: 'import { settle } from "./usage/settle.ts"; settle();' },
  "no-cycles": { path: "origin/e.ts", text: 'import { f } from "./f.ts"; export const e = f;' },
  "everything-resolves": { path: "origin/g.ts", text: 'import "./nowhere.ts";' },
};

const others: Record<string, string> = {
  "contract/tiers.ts": "export const tiers = 1;",
  "origin/x.ts": "export const x = () => 1;",
  "origin/f.ts": 'import { e } from "./e.ts"; export const f = e;',
  "origin/usage/settle.ts": "export const settle = () => 1;",
  "scripts/a.ts": "export const a = 1;",
};

let folder = "";
let broken = new Set<string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trusty-boundaries-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  for (const name of ["package.json", ".dependency-cruiser.mjs"]) await writeFile(join(folder, name), await readFile(join(root, name)));
  const files = { ...others, ...Object.fromEntries(Object.values(offenders).map(({ path, text }) => [path, text])) };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const depcruise = join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
  const argv = [depcruise, "contract", "edge", "origin", "--config", ".dependency-cruiser.mjs", "--output-type", "json"];
  // It exits with the number of violations.
  const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: folder }).catch((error: { stdout: string }) => error);
  const { violations } = Report.parse(JSON.parse(stdout)).summary;
  broken = new Set(violations.map(({ from, rule }) => `${rule.name} ${from}`));
}, 20_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(Object.entries(offenders))("the boundary %s is watched", (name, { path }) => {
  expect(broken).toContain(`${name} ${path}`);
});

test("every rule has a file that breaks it", async () => {
  const { default: configuration } = (await import(join(root, ".dependency-cruiser.mjs"))) as { default: unknown };
  const { forbidden } = z.object({ forbidden: z.array(z.object({ name: z.string() })) }).parse(configuration);
  expect(Object.keys(offenders).sort()).toEqual(forbidden.map(({ name }) => name).sort());
});
