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
}, 180_000);
afterAll(async () => {
  await suite?.close(); // undefined when the start failed, which is told by itself
}, 60_000);

const holds = async (row: Row) => expect((await suite.run(row)).faults).toEqual([]);

test.each(controls("first"))("$title", holds, rowWithinMs);

const fast = rows.filter(({ slow, known }) => !slow && known === undefined);
describe.concurrent("a hostile file ends as the table says", () => {
  test.each(fast)("$title", holds, rowWithinMs);
});
test.skip.each(rows.filter(({ slow, known }) => slow && known === undefined))("$title (a minute; npm run hostile -- --all)", () => {});
test.skip.each(rows.filter(({ known }) => known !== undefined))("$title (known: $known)", () => {});

test.each(controls("last"))("$title", holds, rowWithinMs);

test("nothing got out and nothing is left", async () => {
  const broken = [];
  for await (const finding of suite.findings()) if (finding.faults.length > 0) broken.push(finding);
  expect(broken).toEqual([]);
}, 180_000);
