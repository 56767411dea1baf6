// After a restore: what the records say of files is what the object store has.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expireMissing } from "#origin/retention/expire-missing.ts";
import { type RunningEdge, startEdge } from "#test/edge/support/start-edge.ts";
import { bookKinds } from "./support/books.ts";
import { type JobHouse, openJobHouse } from "./support/job-doors.ts";

let edge: RunningEdge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.stop());

describe.each(bookKinds)("jobs whose files are gone, on %s", (kind) => {
  let house: JobHouse;
  beforeAll(async () => {
    house = await openJobHouse(kind, edge);
  });
  afterAll(() => house.close());

  const expire = (options: { dryRun?: boolean; evenAll?: boolean } = {}) =>
    expireMissing(house, { dryRun: false, evenAll: false, ...options });

  test("become expired, and what is left of them is deleted; the others stay as they are, and so do jobs that have not ended", async () => {
    const acme = await house.account({ retention_hours: 5 });
    const whole = await house.ended(acme, "succeeded");
    const lost = await house.ended(acme, "succeeded");
    const failed = await house.ended(acme, "failed");
    const waiting = await house.job(acme);
    const result = `${acme}/${lost.id}/1/0`;
    for (const [bucket, key] of [
      ["results", result],
      ["uploads", `${acme}/${failed.inputs[0]?.upload}`],
      ["uploads", `${acme}/${waiting.inputs[0]?.upload}`],
    ] as const)
      await house.objects.remove({ bucket, key });

    expect(await expire({ dryRun: true })).toEqual({ complete: 1, expired: 2, foundNothing: false });
    expect(await house.row(lost.id)).toMatchObject({ filesDeletedAt: null });

    expect(await expire()).toEqual({ complete: 1, expired: 2, foundNothing: false });
    for (const { id } of [lost, failed]) expect(await house.row(id)).toMatchObject({ filesDeletedAt: expect.any(Date) });
    expect(await house.row(whole.id)).toMatchObject({ filesDeletedAt: null, filesExpireAt: whole.filesExpireAt });
    expect(await house.row(waiting.id)).toMatchObject({ state: "queued", filesDeletedAt: null });
    expect(await house.keysOf(acme)).toEqual([`${acme}/${whole.inputs[0]?.upload}`, `${acme}/${whole.id}/1/0`]);
    expect(await expire()).toEqual({ complete: 1, expired: 0, foundNothing: false });
  });

  test("are left alone when not one job has its files, because that may be another bucket, until somebody insists", async () => {
    const away = { ...house.objects, page: async () => [], list: async () => [], remove: async () => {} };
    const needs = { db: house.db, objects: away };
    expect(await expireMissing(needs, { dryRun: false, evenAll: false })).toEqual({ complete: 0, expired: 1, foundNothing: true });
    expect(await expire()).toEqual({ complete: 1, expired: 0, foundNothing: false });
    expect(await expireMissing(needs, { dryRun: false, evenAll: true })).toEqual({ complete: 0, expired: 1, foundNothing: false });
    expect(await expire()).toEqual({ complete: 0, expired: 0, foundNothing: false });
  });
});
