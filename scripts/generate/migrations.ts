import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const schema = "origin/db/schema.ts";
const folder = "origin/db/migrations";

/** Lets drizzle-kit write the migration that the schema asks for; when checking, into a copy. Gives the migrations that were missing. */
export async function migrations(root: string, checking: boolean): Promise<string[]> {
  if (!existsSync(join(root, schema))) return [];
  const scratch = checking ? await mkdtemp(join(tmpdir(), "trusty-migrations-")) : undefined;
  const out = scratch ?? join(root, folder);
  try {
    if (scratch) await cp(join(root, folder), scratch, { recursive: true }).catch(() => undefined);
    const before = new Set(await readdir(out).catch(() => [] as string[]));
    const kit = join(root, "node_modules/drizzle-kit/bin.cjs");
    const argv = [kit, "generate", "--dialect", "postgresql", "--schema", schema, "--out", relative(root, out)];
    await run(process.execPath, argv, { cwd: root });
    const added = (await readdir(out)).filter((name) => !before.has(name));
    for (const name of added) if (!checking) console.log(`wrote ${folder}/${name}`);
    return added.map((name) => `${folder}/${name}\n  + the schema has changes without a migration`);
  } finally {
    if (scratch) await rm(scratch, { recursive: true, force: true });
  }
}
