import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { faultsForPreviousRelease } from "./previous-release.ts";

const folder = join(import.meta.dirname, "../../origin/db/migrations");
const migrations = readdirSync(folder).filter((name) => name.endsWith(".sql"));

test.each(migrations)("the previous release runs on the schema of %s", (name) => {
  expect(faultsForPreviousRelease(readFileSync(join(folder, name), "utf8"))).toEqual([]);
});

describe("a migration is refused that", () => {
  test.each([
    ["drops a column", `ALTER TABLE "jobs" DROP COLUMN "key";`],
    ["drops a table", `DROP TABLE "jobs" CASCADE;`],
    ["renames a column", `ALTER TABLE "jobs" RENAME COLUMN "key" TO "api_key";`],
    ["renames a table", `ALTER TABLE "jobs" RENAME TO "tasks";`],
    ["changes a type", `ALTER TABLE "jobs" ALTER COLUMN "pages" SET DATA TYPE bigint;`],
    ["forbids null", `ALTER TABLE "jobs" ALTER COLUMN "key" SET NOT NULL;`],
    ["takes a default away", `ALTER TABLE "jobs" ALTER COLUMN "tier" DROP DEFAULT;`],
    ["adds a column that must be filled", `ALTER TABLE "jobs" ADD COLUMN "owner" text NOT NULL;`],
    ["adds a rule for rows", `ALTER TABLE "jobs" ADD CONSTRAINT "few" CHECK (pages < 5);`],
    ["makes values unique", `CREATE UNIQUE INDEX "one" ON "jobs" USING btree ("account");`],
    ["deletes rows", `DELETE FROM "jobs" WHERE pages = 0;`],
    ["does so behind something harmless", `CREATE INDEX "a" ON "jobs" ("seq");--> statement-breakpoint\nDROP TABLE "jobs";`],
  ])("%s", (_, migration) => expect(faultsForPreviousRelease(migration)).toHaveLength(1));
});

describe("a migration may", () => {
  test.each([
    [
      "make a table with whatever rules",
      `CREATE TABLE "new" ("id" text PRIMARY KEY NOT NULL, CONSTRAINT "u" UNIQUE("id"));\nALTER TABLE "new" ADD CONSTRAINT "c" CHECK (true);\nCREATE UNIQUE INDEX "one" ON "new" ("id");`,
    ],
    ["add a column that may be null", `ALTER TABLE "jobs" ADD COLUMN "owner" text;`],
    ["add a column with a default", `ALTER TABLE "jobs" ADD COLUMN "owner" text DEFAULT 'drop table' NOT NULL;`],
    ["drop an index", `DROP INDEX "jobs_seq";`],
    ["loosen a column", `ALTER TABLE "jobs" ALTER COLUMN "key" DROP NOT NULL;`],
    ["do what it says why", `-- previous release: nothing has read this column since 0.1\nALTER TABLE "jobs" DROP COLUMN "key";`],
  ])("%s", (_, migration) => expect(faultsForPreviousRelease(migration)).toEqual([]));
});
