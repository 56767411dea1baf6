// Two api processes and two workers on one Redis and one PostgreSQL, one worker of which dies.
import { inArray } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jobs, ledger } from "#origin/db/schema.ts";
import { reconcile } from "#origin/usage/reconcile.ts";
import { client } from "./support/client.ts";
import { startFleet } from "./support/fleet.ts";

const jobsOfEach = 20;
const toText = { operation: "pdf.to-text" };

let fleet: Awaited<ReturnType<typeof startFleet>>;
beforeAll(async () => {
  fleet = await startFleet({ apis: 2, workers: 2, lightBoxes: 2 });
});
afterAll(() => fleet?.stop());

test("every job ends once and is charged once, though a worker is killed in the middle", async () => {
  const accounts = ["acme", "rival"].map((account) => client(fleet, account));
  const uploads = await Promise.all(accounts.map((each) => each.uploadFixture("two-pages.pdf")));
  const started = await Promise.all(
    accounts.flatMap((each, index) =>
      Array.from({ length: jobsOfEach }, async () => ({ each, id: (await each.start(uploads[index] ?? "", toText)).id })),
    ),
  );
  const [first, second] = fleet.workers;
  const succeeded = async (worker = first) => (await worker?.events())?.filter(({ outcome }) => outcome === "succeeded").length ?? 0;

  // The one that does most is killed, while it has more to do.
  let [victim, survivor] = [first, second];
  while ((await succeeded(victim)) < 5) {
    [victim, survivor] = [survivor, victim];
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  victim?.kill();
  const ends = await Promise.all(started.map(({ each, id }) => each.ended(id)));

  expect(ends.map(({ state, results }) => ({ state, results: results.length }))).toEqual(
    started.map(() => ({ state: "succeeded", results: 1 })),
  );
  expect(await succeeded(survivor)).toBeGreaterThan(0);
  for (const requests of fleet.served) expect(requests).toBeGreaterThan(jobsOfEach / 2);
  const charged = await fleet.db.select({ job: ledger.job }).from(ledger);
  expect(charged.map(({ job }) => job).sort()).toEqual(started.map(({ id }) => id).sort());
  expect((await reconcile(fleet.db, { repair: false })).differences).toEqual([]);
  expect(
    await fleet.db
      .select({ id: jobs.id })
      .from(jobs)
      .where(inArray(jobs.state, ["queued", "running"])),
  ).toEqual([]);
});
