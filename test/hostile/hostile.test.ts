import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Row } from "./row.ts";
import { rows } from "./rows.ts";
import { controls } from "./run/controls.ts";
import { openSuite, rowsAtOnce } from "./suite.ts";

vi.setConfig({ maxConcurrency: rowsAtOnce });
const rowWithinMs = 300_000;
let suite: Awaited<ReturnType<typeof openSuite>>;

beforeAll(async () => {
  suite = await openSuite(process.env);
});
afterAll(async () => {
  await suite?.close(); // undefined when the start failed, which is told by itself
});

const holds = (row: Row) => async () => expect((await suite.run(row)).faults).toEqual([]);
const skippedBecause = ({ slow, known }: Row) => known ?? (slow && "a minute; npm run hostile -- --all");

test("the table has at least 120 rows, and no two of one name", () => {
  expect(rows.length).toBeGreaterThanOrEqual(120);
  expect(new Set(rows.map(({ title }) => title)).size).toBe(rows.length);
});

for (const row of controls("first")) test(row.title, holds(row), rowWithinMs);

describe.concurrent("a hostile file ends as the table says", () => {
  for (const row of rows) {
    const reason = skippedBecause(row);
    if (reason === undefined) test(row.title, holds(row), rowWithinMs);
    else test.skip(`${row.title} (${reason})`, () => {});
  }
});

for (const row of controls("last")) test(row.title, holds(row), rowWithinMs);

test("nothing got out and nothing is left", async () => {
  const broken = [];
  for await (const finding of suite.findings()) if (finding.faults.length > 0) broken.push(finding);
  expect(broken).toEqual([]);
}, 300_000);
