// The two drivers behind one type: PostgreSQL in production, PGlite (Postgres in this process) on one machine.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { drizzle as drizzlePostgres } from "drizzle-orm/node-postgres";
import { migrate as migratePostgres } from "drizzle-orm/node-postgres/migrator";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import { drizzle as drizzlePglite } from "drizzle-orm/pglite";
import { migrate as migratePglite } from "drizzle-orm/pglite/migrator";
import { Pool } from "pg";
import { prepareOften } from "./prepare-often.ts";
import * as schema from "./schema.ts";

export type Database = PgDatabase<PgQueryResultHKT, typeof schema>;

export type OpenDatabase = {
  db: Database;
  migrate(): Promise<void>;
  /** Whether migrations of this release are missing. */
  outdated(): Promise<boolean>;
  ping(): Promise<void>;
  /** Connections, where there are any. */
  pool(): { total: number; idle: number; waiting: number } | undefined;
  close(): Promise<void>;
};

const migrationsFolder = fileURLToPath(new URL("migrations", import.meta.url));
/** One migration at a time, whoever starts first. The number is arbitrary and ours. */
const migrationLock = 7_236_001;

export async function openDatabase(options: {
  url: string | undefined;
  dataDir: string;
  onError(error: Error): void;
}): Promise<OpenDatabase> {
  return options.url === undefined ? await openPglite(options.dataDir) : openPostgres(options.url, options.onError);
}

/** `idle_in_transaction_session_timeout`: a process that is stopped, or hangs, in a transaction loses what it has locked. */
const limits = { connectionTimeoutMillis: 5_000, statement_timeout: 30_000, idle_in_transaction_session_timeout: 10_000 };

function openPostgres(url: string, onError: (error: Error) => void): OpenDatabase {
  const pool = new Pool({ connectionString: url, max: 10, ...limits });
  pool.on("error", onError);
  // A client that is lent to a transaction is not the pool's to listen to; unheard, its end would be that of the process.
  pool.on("connect", (client) => client.on("error", onError));
  pool.on("connect", prepareOften);
  const db = drizzlePostgres({ client: pool, schema });
  return {
    db,
    async migrate() {
      const client = await pool.connect();
      try {
        await client.query("select pg_advisory_lock($1)", [migrationLock]);
        // Whoever waits for a lock makes all others wait behind it, and the service runs meanwhile.
        await client.query("set lock_timeout = '5s'");
        await migratePostgres(drizzlePostgres({ client, schema }), { migrationsFolder });
      } finally {
        await client.query("reset lock_timeout").catch(() => {});
        await client.query("select pg_advisory_unlock($1)", [migrationLock]).catch(() => {});
        client.release();
      }
    },
    outdated: () => lacksMigrations(db),
    ping: async () => void (await db.execute(sql`select 1`)),
    pool: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => pool.end(),
  };
}

async function openPglite(dataDir: string): Promise<OpenDatabase> {
  await mkdir(dataDir, { recursive: true });
  const client = await PGlite.create(`${dataDir}/pglite`);
  const db = drizzlePglite({ client, schema });
  return {
    db,
    migrate: () => migratePglite(db, { migrationsFolder }),
    outdated: () => lacksMigrations(db),
    ping: async () => void (await db.execute(sql`select 1`)),
    pool: () => undefined,
    close: () => client.close(),
  };
}

/** drizzle records each migration that it ran; the newest of this release must be among them. */
async function lacksMigrations(db: Database): Promise<boolean> {
  const newest = Math.max(...readMigrationFiles({ migrationsFolder }).map(({ folderMillis }) => folderMillis));
  const [table] = await db
    .select({ name: sql<string | null>`to_regclass('drizzle.__drizzle_migrations')::text` })
    .from(sql`(select 1) as one`);
  if (!table?.name) return true;
  const [done] = await db.select({ newest: sql<string | null>`max(created_at)::text` }).from(sql`drizzle.__drizzle_migrations`);
  return Number(done?.newest ?? 0) < newest;
}
