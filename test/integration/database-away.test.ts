import { sql } from "drizzle-orm";
import { afterEach, expect, test } from "vitest";
import { openDatabase } from "#origin/db/database.ts";
import { prepare } from "#origin/db/prepare.ts";
import { killFamily } from "#test/support/kill-family.ts";
import { startPostgres } from "#test/support/postgres.ts";
import { startApis } from "./support/api-process.ts";
import { principalOf } from "./support/assert.ts";

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function startDatabase() {
  const postgres = await startPostgres();
  stops.push(postgres.stop);
  const open = async () => {
    const database = await openDatabase({ url: postgres.url, dataDir: "", onError: () => {} });
    stops.push(() => database.close());
    return database;
  };
  const database = await open();
  await prepare(database);
  return { postgres, open, db: database.db };
}

test("while the database is away a request is told to be repeated", async () => {
  const { postgres } = await startDatabase();
  const { apis, stop } = await startApis(postgres.url, 1);
  stops.push(stop);
  const [api] = apis;
  const ask = () => api?.call(principalOf("acme"), "GET", "/v1/jobs");
  expect((await ask())?.status).toBe(200);
  // Its backends too: one that has not heard of the end yet would still answer.
  killFamily(postgres.pid);
  const refused = await ask();
  expect(await refused?.json()).toMatchObject({ code: "not-ready", status: 503, retry: "later" });
  expect(refused?.headers.get("retry-after")).toBe("1");
});

test("a process that is stopped while it holds a lock does not keep the others from it", async () => {
  const { db, open } = await startDatabase();
  const stopped = await open();
  const [holds, goesOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const lock = sql`select pg_advisory_xact_lock(1)`;
  const held = stopped.db
    .transaction(async (tx) => {
      await tx.execute(lock);
      holds.resolve();
      await goesOn.promise;
      await tx.execute(lock);
    })
    .catch(() => "lost its transaction");
  await holds.promise;
  await db.transaction((tx) => tx.execute(lock));
  goesOn.resolve();
  expect(await held).toBe("lost its transaction");
});
