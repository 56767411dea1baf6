// The boxes of a worker, real ones, behind a name whose addresses the test changes.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { boxPool } from "#origin/worker/box-pool.ts";
import { namedBoxes } from "./support/named-boxes.ts";

const [first, second] = ["127.0.0.31", "127.0.0.32"] as const;
const signal = () => AbortSignal.timeout(60_000);

let boxes: Awaited<ReturnType<typeof namedBoxes>>;
beforeAll(async () => {
  boxes = await namedBoxes();
  await Promise.all([boxes.start(first), boxes.start(second)]);
});
afterAll(() => boxes?.stop());

const open: ReturnType<typeof boxPool>[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()));
});

/** A worker that finds these addresses behind the name. */
function worker(addresses: string[], allowBare = true) {
  const found = { addresses };
  const resolve = async () => [...found.addresses];
  const pool = boxPool({ light: [boxes.url] }, { allowBare, resolve, onError: () => {} });
  open.push(pool);
  return { found, pool };
}

test("a box that leaves its name keeps the task that it has, counts until it is over, and gets no other", async () => {
  const { found, pool } = worker([first]);
  await pool.look();
  const task = await pool.lease("light", signal());
  found.addresses = [second];
  await pool.look();
  expect(pool.ready("light")).toBe(2);
  await task.put(new Blob(["still here"]).stream(), 10, signal());
  await task.end();
  expect(pool.ready("light")).toBe(1);
  const next = await pool.lease("light", signal());
  expect([task.box, next.box].map((address) => new URL(address).hostname)).toEqual([first, second]);
  await next.end();
});

test("a box that comes is used, and one without a sandbox only where that is allowed", async () => {
  const { found, pool } = worker([]);
  await pool.look();
  expect(pool.ready("light")).toBe(0);
  found.addresses = [first];
  expect(await pool.look()).toMatchObject([{ lane: "light", healthy: true }]);
  await (await pool.lease("light", signal())).end();

  const strict = worker([first], false).pool;
  expect(await strict.look()).toMatchObject([{ lane: "light", healthy: false }]);
  await expect(strict.lease("light", signal())).rejects.toMatchObject({ code: "engine-unavailable" });
});

test("a box keeps the task of a worker that waits for longer than it would wait for one that is gone", async () => {
  const { pool } = worker([first]);
  const task = await pool.lease("light", signal());
  await sleep(10_000);
  await task.put(new Blob(["after a long scan"]).stream(), 17, signal());
  await task.end();
});

test("a busy box is well", async () => {
  const { pool } = worker([first]);
  const task = await pool.lease("light", signal());
  expect(await pool.look()).toMatchObject([{ healthy: true, health: { slot: "busy" } }]);
  await task.end();
});

test("of two workers that share a box neither keeps it from the other between its jobs", async () => {
  const rounds = 12;
  const got = [0, 0];
  const atEnd: number[] = [];
  await Promise.all(
    [worker([first]).pool, worker([first]).pool].map(async (pool, who) => {
      for (let round = 0; round < rounds; round++) {
        const task = await pool.lease("light", signal());
        got[who] = (got[who] ?? 0) + 1;
        await task.end();
        // As long as the end of a job and the start of the next take.
        await sleep(25);
      }
      atEnd.push(got[1 - who] ?? 0);
    }),
  );
  expect(got).toEqual([rounds, rounds]);
  expect(atEnd[0]).toBeGreaterThan(0);
});
