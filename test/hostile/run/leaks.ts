// After the run: what the system still knows of contents and passwords, store by store. The passes that need a stopped system come last.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PGlite } from "@electric-sql/pglite";
import { Redis } from "ioredis";
import { redisUrl } from "#scripts/stack/redis.ts";
import type { House } from "./house.ts";

export type Planted = { content: string; name: string; passwords: readonly string[] };

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());

const inFiles = (folder: string, words: readonly string[]): string[] =>
  filesBelow(folder).flatMap((path) => {
    const bytes = readFileSync(path);
    return words.filter((word) => bytes.includes(word)).map((word) => `${JSON.stringify(word)} is in ${path.slice(folder.length + 1)}`);
  });

/** Every key that Redis holds, as it would be dumped. */
export async function redisLeaks({ places, secrets }: House, { content, name, passwords }: Planted): Promise<string[]> {
  const redis = new Redis(redisUrl({ port: places.ports.redis, password: secrets.redisPassword }));
  try {
    const keys: string[] = [];
    for (let cursor = "0", first = true; first || cursor !== "0"; first = false) {
      const [next, found] = await redis.scan(cursor, "COUNT", 1_000);
      cursor = next;
      keys.push(...found);
    }
    const dumps = await Promise.all(keys.map(async (key) => `${key} ${(await redis.dumpBuffer(key))?.toString("latin1") ?? ""}`));
    return [content, name, ...passwords]
      .filter((word) => dumps.some((dump) => dump.includes(word)))
      .map((word) => `${JSON.stringify(word)} is in Redis`);
  } finally {
    redis.disconnect();
  }
}

/** Of a system that was stopped: logs, the queue's file, the database, the object store's bytes and keys. */
export async function storedLeaks({ places }: House, { content, name, passwords }: Planted): Promise<string[]> {
  const database = await databaseText(places.data("database"));
  return [
    ...inFiles(join(places.state, "logs"), [content, name, ...passwords]),
    // Boxes that only refuse what is hostile are honest.
    ...inFiles(join(places.state, "logs"), ["box-broken"]),
    ...inFiles(places.data("redis"), [content, name, ...passwords]),
    ...inFiles(places.data("edge"), passwords),
    ...(database.rows === 0 ? ["the database was not read"] : []),
    ...[content, ...passwords].filter((word) => database.text.includes(word)).map((word) => `${JSON.stringify(word)} is in the database`),
    ...(database.secrets > 0 ? [`${database.secrets} jobs that ended keep their secret options`] : []),
    ...strayResults(places.data("edge"), database.succeeded),
  ];
}

async function databaseText(folder: string) {
  const client = await PGlite.create(join(folder, "pglite"));
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      texts.push(...rows.map(({ row }) => row));
    }
    const { rows: jobs } = await client.query<{ id: string; state: string; sealed: boolean }>(
      "select id, state, secrets <> '' as sealed from jobs",
    );
    return {
      text: texts.join("\n"),
      rows: jobs.length,
      secrets: jobs.filter(({ sealed }) => sealed).length,
      succeeded: new Set(jobs.filter(({ state }) => state === "succeeded").map(({ id }) => id)),
    };
  } finally {
    await client.close();
  }
}

/** The emulator keeps its keys in SQLite files; a result's key names its job. */
function strayResults(edge: string, succeeded: ReadonlySet<string>): string[] {
  const keys = filesBelow(edge)
    .filter((path) => path.endsWith(".sqlite") && path.includes("R2"))
    .flatMap((path) => {
      const database = new DatabaseSync(path, { readOnly: true });
      try {
        const tables = database.prepare("select name from sqlite_master where type = 'table' and name = '_mf_objects'").all();
        return tables.length === 0
          ? []
          : database
              .prepare("select key from _mf_objects")
              .all()
              .map(({ key }) => String(key));
      } finally {
        database.close();
      }
    });
  if (keys.length === 0) return ["the object store was not read"];
  return keys
    .map((key) => /job_[a-z2-7]{26}/.exec(key)?.[0])
    .filter((id) => id !== undefined && !succeeded.has(id))
    .map((id) => `a result of ${id}, which did not succeed, is stored`);
}
