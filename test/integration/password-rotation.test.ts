// docs/rotation.md, rehearsed: the passwords of PostgreSQL and Redis are changed under connections that stay.
import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { Redis } from "ioredis";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenDatabase, openDatabase } from "#origin/db/database.ts";
import { accounts } from "#origin/db/schema.ts";
import { openRedis } from "#origin/queue/open-redis.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { startPostgres } from "#test/support/postgres.ts";
import { startRedisServer } from "#test/support/redis-server.ts";
import type { Started } from "#test/support/start-part.ts";

const drawn = () => randomBytes(16).toString("hex");
const [old, next] = [drawn(), drawn()];

describe("PostgreSQL", () => {
  let postgres: Started;
  let admin: OpenDatabase;
  const opened: OpenDatabase[] = [];
  const as = (role: string, password: string) => {
    const url = new URL(postgres.url);
    [url.username, url.password, url.pathname] = [role, password, "/trusty"];
    const database = openDatabase({ url: url.href, dataDir: "", onError: () => {} });
    database.then((each) => opened.push(each));
    return database;
  };
  beforeAll(async () => {
    postgres = await startPostgres();
    admin = await openDatabase({ url: postgres.url, dataDir: "", onError: () => {} });
    await admin.db.execute(sql.raw(`create role trusty login password '${old}'`));
    await admin.db.execute(sql.raw("create database trusty owner trusty"));
    // The server of tests trusts everybody; this one must ask.
    await admin.db.execute(
      sql.raw(`do $$ begin
      execute format('copy (select unnest(array[%L, %L])) to %L',
        'host all postgres 127.0.0.1/32 trust', 'host all all 127.0.0.1/32 scram-sha-256', current_setting('hba_file'));
      perform pg_reload_conf();
    end $$`),
    );
  });
  afterAll(async () => {
    await Promise.all([...opened, admin].map((each) => each?.close()));
    await postgres?.stop();
  });

  test("two roles are one owner while processes are started anew, and the first is of no use afterwards", async () => {
    const before = await as("trusty", old);
    await before.migrate();
    // 1. A second role that acts as the owner.
    await admin.db.execute(sql.raw(`create role trusty_b login password '${next}' in role trusty`));
    await admin.db.execute(sql.raw("alter role trusty_b set role to 'trusty'"));
    // 2. Processes of before and after work side by side, and either may migrate.
    const after = await as("trusty_b", next);
    await after.migrate();
    await after.db.insert(accounts).values({ id: "acme", name: "Acme", slug: "acme", tier: "free" });
    expect(await before.db.select({ id: accounts.id }).from(accounts)).toEqual([{ id: "acme" }]);
    await after.db.execute(sql.raw("create table ours (n int)"));
    await before.db.execute(sql.raw("drop table ours"));
    // 3. Nobody comes in with the old password any more; the owner stays.
    await admin.db.execute(sql.raw("alter role trusty nologin"));
    await expect((await as("trusty", old)).ping()).rejects.toThrow();
    await after.ping();
  });
});

describe("Redis", () => {
  let redis: Started;
  beforeAll(async () => {
    const port = await freePort();
    redis = await startRedisServer(port, [`port ${port}`]);
  });
  afterAll(() => redis?.stop());
  const urlWith = (password: string) => redis.url.replace("redis://", `redis://:${password}@`);
  const open = (password: string) => openRedis({ url: urlWith(password) }, { ephemeral: true, log: pino({ level: "silent" }) });

  test("two passwords hold while processes are started anew, and no connection ends", async () => {
    const admin = new Redis(redis.url);
    await admin.config("SET", "requirepass", old);
    const before = await open(old);
    try {
      await before.producer.acl("SETUSER", "default", `>${next}`);
      const after = await open(next);
      const once = await open(old);
      once.close();
      await before.producer.acl("SETUSER", "default", `<${old}`);
      expect(await Promise.all([before, after].map(({ producer }) => producer.ping()))).toEqual(["PONG", "PONG"]);
      await expect(open(old)).rejects.toThrow(/WRONGPASS|password/i);
      (await open(next)).close();
      after.close();
    } finally {
      before.close();
      admin.disconnect();
    }
  });
});
