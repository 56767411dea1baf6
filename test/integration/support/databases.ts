// One PostgreSQL server and one folder of PGlite for a whole run, migrated once: each test file works on a copy.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { openDatabase } from "#origin/db/database.ts";
import { prepare } from "#origin/db/prepare.ts";
import { startPostgres } from "#test/support/postgres.ts";
import { temporaryFolder } from "#test/support/start-part.ts";

declare module "vitest" {
  interface ProvidedContext {
    postgresUrl: string;
    pgliteFolder: string;
  }
}

export default async function setup(project: TestProject) {
  const [postgres, folder] = await Promise.all([startPostgres(), temporaryFolder("pglite")]);
  // Not at once: PGlite works in this thread, and PostgreSQL ends a transaction that hears nothing for ten seconds.
  await prepared(postgres.url, "");
  await prepared(undefined, folder);
  project.provide("postgresUrl", postgres.url);
  project.provide("pgliteFolder", join(folder, "pglite"));
  return async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

/** Nothing stays connected: PostgreSQL copies no database that is in use. */
async function prepared(url: string | undefined, dataDir: string): Promise<void> {
  const database = await openDatabase({ url, dataDir, onError: () => {} });
  await prepare(database);
  await database.close();
}
