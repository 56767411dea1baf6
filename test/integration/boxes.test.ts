// Two workers whose boxes come and go behind a DNS name, while Redis forgets everything in between.
import { setTimeout as sleep } from "node:timers/promises";
import { count, eq, inArray, sql } from "drizzle-orm";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { jobs, laneBoxes } from "#origin/db/schema.ts";
import { boxCountsMs, laneBoxStore } from "#origin/queue/lane-boxes.ts";
import { client } from "./support/client.ts";
import { startFleet } from "./support/fleet.ts";
import { namedBoxes } from "./support/named-boxes.ts";

const [a, b, c] = ["127.0.0.21", "127.0.0.22", "127.0.0.23"] as const;
const toImages = { operation: "pdf.to-images", options: { dpi: 300 } };

let boxes: Awaited<ReturnType<typeof namedBoxes>>;
let fleet: Awaited<ReturnType<typeof startFleet>>;
beforeAll(async () => {
  boxes = await namedBoxes();
  await boxes.start(a);
  await boxes.list(a);
  const variables = { LIGHT_BOXES: boxes.url, ALLOW_BARE_ENGINES: "1", WORKER_LANES: "light" };
  fleet = await startFleet({ apis: 1, workers: 2, lightBoxes: 0, variables, within: boxes.within });
}, 240_000);
afterAll(async () => {
  await fleet?.stop();
  await boxes?.stop();
});

const slots = async () => (await laneBoxStore(fleet.db).slots()).light;
const unended = () => fleet.db.$count(jobs, inArray(jobs.state, ["queued", "running"]));
const running = async () => (await fleet.db.select({ n: count() }).from(jobs).where(eq(jobs.state, "running")))[0]?.n ?? 0;
const patient = { timeout: 60_000, interval: 200 };

async function onRedis<T>(ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(fleet.redis.url);
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}
const limit = () => onRedis((redis) => redis.hget(`${fleet.prefix}:light:meta`, "concurrency"));

/** How long after a box was lost a job may still run that was meant for it: while the box counts, and then as long as it is waited for. */
const lostMs = boxCountsMs + 13_000;

/** Looks again and again how many jobs run, and whether that is more than there were slots. */
function watchRunning() {
  const seen = { most: 0, over: 0, spare: 0 };
  const lately: { at: number; slots: number }[] = [];
  const stopping = new AbortController();
  const note = async () => lately.push({ at: Date.now(), slots: await slots() });
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await note();
      const busy = await running();
      await note();
      while (Date.now() - (lately[0]?.at ?? Number.NaN) > lostMs) lately.shift();
      seen.most = Math.max(seen.most, busy);
      if (busy > Math.max(...lately.map((each) => each.slots)) + seen.spare) seen.over += 1;
      await sleep(50);
    }
  })();
  stopLooking = async () => {
    stopping.abort();
    await looking;
  };
  return { seen, stop: stopLooking };
}
let stopLooking = async () => {};
afterEach(() => stopLooking());

test("slots follow the boxes behind the name, nobody runs more than there are, and every job ends once", async () => {
  const acme = client(fleet);
  const upload = await acme.uploadFixture("two-pages.pdf");
  const ids: string[] = [];
  const send = async (many: number) => {
    for (let n = 0; n < many; n++) ids.push((await acme.start(upload, toImages)).id);
  };
  const watch = watchRunning();

  await expect.poll(slots, patient).toBe(1);
  await send(8);
  await Promise.all([boxes.start(b), boxes.start(c)]);
  await boxes.list(a, b, c);
  await expect.poll(slots, patient).toBe(3);
  await expect.poll(limit, patient).toBe("3");
  await send(8);
  await expect.poll(() => watch.seen.most, patient).toBe(3);

  expect(watch.seen.over).toBe(0);
  // Redis no longer knows what runs: then the window is the limit, which holds one more, and that one waits for a box.
  watch.seen.spare = 1;
  await onRedis((redis) => redis.flushall());
  await expect.poll(limit, patient).toBe("3");

  // One leaves the name while it works, and keeps what it has; one dies.
  const slotOfB = async () => {
    if ((await unended()) < 3) await send(3);
    return (await boxes.health(b))?.slot;
  };
  await expect.poll(slotOfB, { ...patient, interval: 20 }).toBe("busy");
  await boxes.list(a, c);
  await boxes.kill(c);
  await expect.poll(slots, patient).toBe(1);
  await expect.poll(limit, patient).toBe("1");
  await send(4);

  const ended = await Promise.all(ids.map((id) => acme.ended(id, 180_000)));
  await watch.stop();
  expect(ended.map(({ state }) => state)).toEqual(ids.map(() => "succeeded"));
  expect(watch.seen.over).toBe(0);
  const told = async () => (await Promise.all(fleet.workers.map((worker) => worker.events()))).flat();
  // A run is told when its slot is free, which is after its client knows the end.
  await expect.poll(async () => (await told()).filter(({ outcome }) => outcome === "succeeded")).toHaveLength(ids.length);
}, 300_000);

test("without a box jobs wait for an engine and say so, readiness says it too, and they flow when one is back", async () => {
  const acme = client(fleet);
  const upload = await acme.uploadFixture("two-pages.pdf");
  await boxes.list();
  await boxes.kill(a);
  await boxes.kill(b);
  await expect.poll(slots, { ...patient, timeout: boxCountsMs + 60_000 }).toBe(0);
  const started = await Promise.all([acme.start(upload, toImages), acme.start(upload, toImages)]);
  await expect.poll(async () => (await acme.read(started[0].id)).waiting_for, patient).toBe("engine");
  const ready = async () => (await fetch(`${fleet.edge.url}/health/ready`)).json();
  expect(await ready()).toMatchObject({ status: "degraded", degraded: expect.arrayContaining(["engine-light"]) });
  expect(await running()).toBe(0);

  await boxes.start(c);
  await boxes.list(c);
  expect((await Promise.all(started.map(({ id }) => acme.ended(id, 120_000)))).map(({ state }) => state)).toEqual([
    "succeeded",
    "succeeded",
  ]);
  expect(((await ready()) as { degraded?: string[] }).degraded ?? []).not.toContain("engine-light");
  expect(
    await fleet.db
      .select()
      .from(jobs)
      .where(inArray(jobs.state, ["queued", "running"])),
  ).toEqual([]);
}, 240_000);

test("operators see for ten minutes which boxes are away, and for one which have left", async () => {
  const store = laneBoxStore(fleet.db);
  const [health] = (await store.list()).map((each) => each.health);
  if (!health) throw new Error("no box was seen");
  const office = ["away", "left", "long away"].map((box) => ({ lane: "office" as const, box, health }));
  await store.seen(office);
  const age = (box: string, minutes: number) =>
    fleet.db
      .update(laneBoxes)
      .set({ seenAt: sql`now() - make_interval(mins => ${minutes})` })
      .where(eq(laneBoxes.box, box));
  for (const [box, minutes] of [
    ["away", 2],
    ["left", 2],
    ["long away", 11],
  ] as const)
    await age(box, minutes);
  await store.forgetGone(["light"], []);
  const names = async () => (await store.list()).filter(({ lane }) => lane === "office").map(({ box }) => box);
  expect(await names()).toEqual(["away", "left"]);
  await store.forgetGone(["office"], ["away", "long away"]);
  expect(await names()).toEqual(["away"]);
});
