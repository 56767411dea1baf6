// After its time no byte of a job is left: shown by listing the buckets of a real object store.
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type JobRow, jobs } from "#origin/db/schema.ts";
import { deleteDueFiles } from "#origin/retention/delete-due-files.ts";
import { orphanSweep } from "#origin/retention/delete-orphans.ts";
import { type RunningEdge, startEdge } from "#test/edge/support/start-edge.ts";
import { answered, refused } from "./support/accounts.ts";
import { bookKinds, drawn, principalOf } from "./support/books.ts";
import { type JobHouse, openJobHouse } from "./support/job-doors.ts";

const hourMs = 3_600_000;
let edge: RunningEdge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.stop());

describe.each(bookKinds)("retention on %s", (kind) => {
  let house: JobHouse;
  beforeAll(async () => {
    house = await openJobHouse(kind, edge);
  });
  afterAll(() => house.close());

  const sweepAt = (now: Date, jobsMax = 100) => deleteDueFiles({ db: house.db, objects: house.objects, now, jobsMax });
  const later = (row: JobRow, ms: number) => new Date((row.filesExpireAt?.getTime() ?? Number.NaN) + ms);
  const hoursKept = ({ filesExpireAt, finishedAt }: JobRow) =>
    Math.round(((filesExpireAt?.getTime() ?? Number.NaN) - (finishedAt?.getTime() ?? 0)) / 60_000) / 60;

  test("no byte is left when the account's hours are over, and every byte before", async () => {
    const acme = await house.account({ retention_hours: 5 });
    const row = await house.ended(acme, "succeeded");
    expect(hoursKept(row)).toBe(5);
    await sweepAt(later(row, -1_000));
    expect(await house.keysOf(acme)).toHaveLength(2);
    await sweepAt(later(row, 1));
    expect(await house.keysOf(acme)).toEqual([]);
    const path = `/v1/jobs/${row.id}`;
    const told = await answered(200, await house.call(principalOf(acme), "GET", path));
    expect(told).toMatchObject({ state: "succeeded", expired: true, expires_at: row.filesExpireAt?.toISOString() });
    expect((await refused(await house.call(principalOf(acme), "GET", `${path}/results/0`))).code).toBe("result-expired");
  });

  test.each([
    ["succeeded", {}, 24],
    ["failed", {}, 24],
    ["succeeded", { retention_hours: 0 }, 1],
    ["failed", { retention_hours: 0 }, 0],
  ] as const)("the files of a job that %s stay as the tier or the contract (%j) says: %d hours", async (state, limits, hours) => {
    const acme = await house.account(limits);
    expect(hoursKept(await house.ended(acme, state))).toBe(hours);
  });

  test("canceled jobs have their time too, and jobs that have not ended have none", async () => {
    const acme = await house.account({ retention_hours: 2 });
    const { id } = await house.job(acme);
    expect((await house.row(id)).filesExpireAt).toBeNull();
    await house.store.cancel({ account: acme, livemode: true }, id);
    expect(hoursKept(await house.row(id))).toBe(2);
  });

  test("an upload goes with the last job that has it", async () => {
    const acme = await house.account({ retention_hours: 1 });
    const upload = await house.putUpload(acme);
    const first = await house.ended(acme, "failed", { upload });
    const waiting = await house.job(acme, { upload });
    await sweepAt(later(first, 1));
    expect(await house.row(first.id)).toMatchObject({ filesDeletedAt: expect.any(Date) });
    expect(await house.keysOf(acme)).toEqual([`${acme}/${upload}`]);
    await house.store.cancel({ account: acme, livemode: true }, waiting.id);
    await sweepAt(later(await house.row(waiting.id), 1));
    expect(await house.keysOf(acme)).toEqual([]);
  });

  test("two sweeps at once share the work out, a turn takes no more than it may, and nothing stays", async () => {
    const acme = await house.account({ retention_hours: 1 });
    const rows: JobRow[] = [];
    for (let n = 0; n < 6; n++) rows.push(await house.ended(acme, "succeeded"));
    const now = later(rows.at(-1) as JobRow, 1);
    const taken = await Promise.all([sweepAt(now, 3), sweepAt(now, 3)]);
    expect(taken).toEqual([3, 3]);
    expect(await house.keysOf(acme)).toEqual([]);
    expect(await sweepAt(now)).toBe(0);
  });

  test("what the object store does not delete is deleted when it is back, and nobody gets it meanwhile", async () => {
    const acme = await house.account({ retention_hours: 1 });
    const row = await house.ended(acme, "succeeded");
    await house.db.update(jobs).set({ filesExpireAt: new Date() }).where(eq(jobs.id, row.id));
    const away = { list: () => Promise.reject(new Error("away")), remove: () => Promise.reject(new Error("away")) };
    const now = new Date(Date.now() + 1_000);
    await expect(deleteDueFiles({ db: house.db, objects: away, now, jobsMax: 100 })).rejects.toThrow("were not deleted");
    expect(await house.row(row.id)).toMatchObject({ filesDeletedAt: null });
    expect(await house.keysOf(acme)).toHaveLength(2);
    const result = await house.call(principalOf(acme), "GET", `/v1/jobs/${row.id}/results/0`);
    expect((await refused(result)).code).toBe("result-expired");
    expect(await sweepAt(now)).toBe(0);
    expect(await sweepAt(new Date(now.getTime() + hourMs))).toBe(1);
    expect(await house.keysOf(acme)).toEqual([]);
  });

  test("an upload that no job came for goes after an hour, one that a job has stays", async () => {
    const acme = await house.account();
    const lonely = await house.putUpload(acme);
    const used = await house.putUpload(acme);
    await house.job(acme, { upload: used });
    const sweep = orphanSweep(house);
    await sweep.turn(new Date(Date.now() + 0.9 * hourMs));
    expect(await house.keysOf(acme)).toEqual([lonely, used].map((upload) => `${acme}/${upload}`).sort());
    await sweep.turn(new Date(Date.now() + 1.1 * hourMs));
    expect(await house.keysOf(acme)).toEqual([`${acme}/${used}`]);
  });

  test("what crashes left in the bucket of results goes, what a job has or is making stays", async () => {
    const acme = await house.account();
    const kept = await house.ended(acme, "succeeded");
    const { id } = await house.job(acme);
    const { attempt } = await house.running(id);
    const making = `${acme}/${id}/${attempt}/0`;
    const left = [`${acme}/${drawn("job")}/1/0`, `${acme}/${kept.id}/9/0`, `${acme}/${kept.id}/1/7`, `${acme}/${id}/${attempt + 3}/0`];
    for (const key of [making, ...left]) await house.putResult(key);
    await orphanSweep(house).turn(new Date(Date.now() + 1.1 * hourMs));
    const results = await house.objects.list({ bucket: "results", prefix: `${acme}/` });
    expect(results).toEqual([making, kept.results[0]?.key].sort());
  });
});
