// What a database of an earlier release holds is not lost by the migrations of later ones.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { afterAll, expect, test } from "vitest";

const folder = join(import.meta.dirname, "../../origin/db/migrations");
const database = await PGlite.create();
afterAll(() => database.close());

const migrate = async (name: string) => {
  for (const statement of (await readFile(join(folder, `${name}.sql`), "utf8")).split("--> statement-breakpoint"))
    await database.exec(statement);
};

test("jobs from before there were accounts have one afterwards, with the tier of their newest job", async () => {
  await migrate("0000_jobs");
  for (const [id, account, tier] of [
    ["job_1", "acme", "pro"],
    ["job_2", "acme", "premium"],
    ["job_3", "rival", "free"],
  ])
    await database.query(
      "insert into jobs (id, account, subject, tier, lane, run_deadline_ms, inputs, steps, progress) values ($1, $2, 'ann', $3, 'office', 1000, '[]', '[]', '{}')",
      [id, account, tier],
    );
  await migrate("0001_accounts");
  const { rows } = await database.query("select id, tier from accounts order by id");
  expect(rows).toEqual([
    { id: "acme", tier: "premium" },
    { id: "rival", tier: "free" },
  ]);
});
