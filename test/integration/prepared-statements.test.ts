// What a connection keeps of the statements that come again.
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database, OpenDatabase } from "#origin/db/database.ts";
import { openDatabase } from "#origin/db/database.ts";
import { prepare } from "#origin/db/prepare.ts";
import { laneClocks } from "#origin/db/schema.ts";
import { startPostgres } from "#test/support/postgres.ts";
import type { Started } from "#test/support/start-part.ts";

let postgres: Started;
let database: OpenDatabase;

beforeAll(async () => {
  postgres = await startPostgres();
  database = await openDatabase({ url: postgres.url, dataDir: "", onError: () => {} });
  await prepare(database);
});
afterAll(async () => {
  await database?.close();
  await postgres?.stop();
});

const ask = (db: Database, lane: "office" | "light") => db.select().from(laneClocks).where(eq(laneClocks.lane, lane));
const preparedIn = async (db: Database): Promise<number> => {
  const [row] = await db
    .select({ count: sql<number>`count(*) filter (where statement like '%from "lane_clocks"%')::int` })
    .from(sql`pg_prepared_statements`);
  return row?.count ?? 0;
};

test("a statement that comes again is prepared once, whatever its values are", async () => {
  await database.db.transaction(async (tx) => {
    await ask(tx, "office");
    expect(await preparedIn(tx)).toBe(0);
    for (let n = 0; n < 10; n++) await ask(tx, n % 2 === 0 ? "office" : "light");
    expect(await preparedIn(tx)).toBe(1);
  });
});

test("a statement that is prepared survives a migration beneath it", async () => {
  await database.db.insert(laneClocks).values({ lane: "office" });
  await database.db.transaction(async (tx) => {
    for (let n = 0; n < 10; n++) await ask(tx, "office");
    await tx.execute(sql`alter table lane_clocks add column later integer not null default 7`);
    await tx.execute(sql`create index lane_clocks_later on lane_clocks (later)`);
    expect(await ask(tx, "office")).toMatchObject([{ lane: "office" }]);
  });
});

test("a statement that fails leaves the connection as it was", async () => {
  const fail = () => database.db.execute(sql`select ${"x"}::text::int`);
  for (let n = 0; n < 8; n++) await expect(fail()).rejects.toThrow();
  expect(await ask(database.db, "light")).toEqual([]);
});
