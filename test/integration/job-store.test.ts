// The promises of the job store, on both databases.
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenDatabase, openDatabase } from "#origin/db/database.ts";
import { prepare } from "#origin/db/prepare.ts";
import { accounts } from "#origin/db/schema.ts";
import { type JobStore, jobStore } from "#origin/jobs/store.ts";
import { startPostgres } from "#test/support/postgres.ts";
import { type Started, temporaryFolder } from "#test/support/start-part.ts";

const newJob = (id: string, account = "acme") => ({
  id,
  account,
  subject: "ann",
  key: null,
  livemode: true,
  period: null,
  tier: "enterprise" as const,
  lane: "office" as const,
  runDeadlineMs: 60_000,
  inputs: [],
  steps: [],
  secrets: null,
});

describe.each(["PGlite", "PostgreSQL"])("the job store on %s", (kind) => {
  let postgres: Started | undefined;
  let folder: string;
  let database: OpenDatabase;
  let store: JobStore;

  beforeAll(async () => {
    folder = await temporaryFolder("store");
    postgres = kind === "PostgreSQL" ? await startPostgres() : undefined;
    database = await openDatabase({ url: postgres?.url, dataDir: folder, onError: () => {} });
    expect(await database.outdated()).toBe(true);
    await prepare(database);
    await database.db.insert(accounts).values({ id: "acme", name: "Acme", slug: "acme", tier: "enterprise" });
    store = jobStore(database.db);
  });
  afterAll(async () => {
    await database.close();
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("a second migration changes nothing, and a migrated database is not outdated", async () => {
    await database.migrate();
    expect(await database.outdated()).toBe(false);
  });

  test("an id is taken once", async () => {
    expect(await store.insert(newJob("job_once"))).toMatchObject({ id: "job_once", state: "queued", attempt: 0 });
    expect(await store.insert(newJob("job_once", "rival"))).toBeUndefined();
    expect(await store.find({ account: "rival", livemode: true }, "job_once")).toBeUndefined();
    expect(await store.enterWindow("office", 1)).toEqual([{ id: "job_once", attempt: 1 }]);
    const attempt = { id: "job_once", attempt: 1 };
    await store.claim(attempt);
    await store.leaveRunning(attempt, { state: "succeeded" });
  });

  test("the window takes the oldest, holds no more than its size, and concurrent dispatchers share it out", async () => {
    for (let n = 0; n < 8; n++) await store.insert(newJob(`job_w${n}`));
    const first = await store.enterWindow("office", 3);
    expect(first.map(({ id }) => id)).toEqual(["job_w0", "job_w1", "job_w2"]);
    expect(await store.enterWindow("office", 3)).toEqual([]);
    const [left, right] = await Promise.all([store.enterWindow("office", 5), store.enterWindow("office", 5)]);
    const all = [...left, ...right].map(({ id }) => id);
    expect(new Set(all).size).toBe(all.length);
    await store.leaveWindow([...first, ...left, ...right]);
    expect((await store.enterWindow("office", 100)).every(({ attempt }) => attempt >= 1)).toBe(true);
  });

  test("an attempt is claimed once, and a late worker's commit is refused", async () => {
    await store.insert(newJob("job_fence"));
    const first = (await store.enterWindow("office", 1_000)).find(({ id }) => id === "job_fence") ?? { id: "", attempt: 0 };
    expect(await store.claim(first)).toMatchObject({ state: "running" });
    expect(await store.claim(first)).toBeUndefined();

    expect(await store.leaveRunning(first, { state: "queued", windowAt: null })).toBe(true);
    const second = (await store.enterWindow("office", 1_000)).find(({ id }) => id === "job_fence") ?? { id: "", attempt: 0 };
    expect(second.attempt).toBe(first.attempt + 1);
    expect(await store.claim(second)).toBeDefined();

    expect(await store.heartbeat(first, undefined)).toBe(false);
    expect(await store.leaveRunning(first, { state: "succeeded" })).toBe(false);
    expect(await store.heartbeat(second, { stage: "converting", fraction: 0.5 })).toBe(true);
    expect(await store.leaveRunning(second, { state: "succeeded" })).toBe(true);
    expect(await store.find({ account: "acme", livemode: true }, "job_fence")).toMatchObject({
      state: "succeeded",
      progress: { fraction: 0.5 },
    });
  });

  test("a move that the table of states does not allow is a fault of the caller", async () => {
    await expect(store.leaveRunning({ id: "job_fence", attempt: 2 }, { state: "running" })).rejects.toThrow(RangeError);
  });

  test("a run without a sign of life is found, one with it is not", async () => {
    await store.insert(newJob("job_silent"));
    const attempt = (await store.enterWindow("office", 1_000)).find(({ id }) => id === "job_silent") ?? { id: "", attempt: 0 };
    await store.claim(attempt);
    await sleep(60);
    expect((await store.abandoned(50)).map(({ id }) => id)).toContain("job_silent");
    await store.heartbeat(attempt, undefined);
    expect((await store.abandoned(10_000)).map(({ id }) => id)).not.toContain("job_silent");
  });
});
