import { randomBytes } from "node:crypto";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { inject } from "vitest";
import { temporaryFolder } from "#test/support/start-part.ts";

export const databaseKinds = ["PGlite", "PostgreSQL"] as const;
export type DatabaseKind = (typeof databaseKinds)[number];

/** Where `openDatabase` finds it. */
export type FreshDatabase = { url: string | undefined; dataDir: string; stop(): Promise<void> };

/** A database of one's own with the schema and the rows of this release, and nothing else. */
export const freshDatabase = (kind: DatabaseKind): Promise<FreshDatabase> => (kind === "PostgreSQL" ? freshPostgres() : freshPglite());

export async function freshPostgres(): Promise<FreshDatabase & { url: string }> {
  const template = new URL(inject("postgresUrl"));
  const name = `test_${randomBytes(6).toString("hex")}`;
  await administer(template, `create database ${name} template "${template.pathname.slice(1)}"`);
  const url = Object.assign(new URL(template), { pathname: `/${name}` }).href;
  return { url, dataDir: "", stop: () => administer(template, `drop database ${name} with (force)`) };
}

async function freshPglite(): Promise<FreshDatabase> {
  const dataDir = await temporaryFolder("data");
  await copyPglite(dataDir);
  return { url: undefined, dataDir, stop: () => rm(dataDir, { recursive: true, force: true }) };
}

/** Into the folder that an origin without DATABASE_URL is told of. */
export const copyPglite = (dataDir: string): Promise<void> => cp(inject("pgliteFolder"), join(dataDir, "pglite"), { recursive: true });

async function administer(template: URL, command: string): Promise<void> {
  const client = new Client({ connectionString: Object.assign(new URL(template), { pathname: "/template1" }).href });
  await client.connect();
  await client.query(command).finally(() => client.end());
}
