// The profile `native`: starts the whole system on this machine once for all acceptance tests, by the commands that people use.
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { portIsFree } from "#scripts/stack/ports.ts";
import { readSecrets } from "#scripts/stack/secrets.ts";
import { temporaryFolder } from "#test/support/start-part.ts";
import type {} from "./running-stack.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");

async function freeBase(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const base = 20_000 + Math.floor(Math.random() * 12_000);
    if ((await Promise.all([0, 1, 2, 3, 4].map((offset) => portIsFree(base + offset)))).every(Boolean)) return base;
  }
  throw new Error("no five free ports in a row were found");
}

export default async function setup(project: TestProject) {
  const state = await temporaryFolder("stack");
  const base = await freeBase();
  const env = { ...process.env, TRUSTY_STATE: state, TRUSTY_PORT: `${base}` };
  const script = (name: string) => run(process.execPath, [join(root, "scripts", name)], { cwd: root, env });
  const down = async () => {
    await script("down.ts");
    await rm(state, { recursive: true, force: true });
  };
  await script("up.ts").catch(async (error) => {
    await down();
    throw error;
  });
  project.provide("stack", {
    profile: "native",
    address: `http://127.0.0.1:${base}`,
    origin: { originHost: "127.0.0.1", originPort: base + 1 },
    secrets: await readSecrets(state),
    sandbox: "bubblewrap",
    place: state,
  });
  return down;
}
