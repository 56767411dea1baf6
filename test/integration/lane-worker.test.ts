// How many entries of a lane one worker takes, on a real Redis.
import { afterAll, beforeAll, expect, test } from "vitest";
import { consumerConnection, producerConnection, ready } from "#origin/queue/connection.ts";
import { laneQueue, laneWorker } from "#origin/queue/lane-queue.ts";
import { startRedis } from "#test/support/redis.ts";

let redis: Awaited<ReturnType<typeof startRedis>>;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());

const onError = () => {};

/** A lane whose entries run until they are let go. */
async function lane(prefix: string) {
  const address = { url: redis.url };
  const [producer, consumer] = [producerConnection(address, onError), consumerConnection(address, onError)];
  await ready(producer, address, 60_000);
  const queue = laneQueue({ lane: "light", prefix, connection: producer, onError });
  const held = new Map<string, () => void>();
  const process = ({ id }: { id: string }) =>
    new Promise<void>((resolve) => {
      held.set(id, () => {
        held.delete(id);
        resolve();
      });
    });
  const worker = laneWorker({ lane: "light", prefix, connection: consumer, process, onError });
  return {
    queue,
    worker,
    add: (...ids: string[]) => queue.add(ids.map((id) => ({ id, attempt: 1 }))),
    running: () => [...held.keys()].sort(),
    end: (id: string) => held.get(id)?.(),
    async stop() {
      for (const end of held.values()) end();
      await worker.pause();
      await worker.close();
      await queue.close();
      for (const connection of [producer, consumer]) connection.disconnect();
    },
  };
}

test("takes nothing before it may, and more at once while the others go on", async () => {
  const { queue, worker, add, running, stop } = await lane("grow");
  try {
    await queue.setSlots(3);
    await add("a", "b", "c");
    expect(running()).toEqual([]);
    worker.resize(1);
    await expect.poll(running).toEqual(["a"]);
    worker.resize(3);
    await expect.poll(running).toEqual(["a", "b", "c"]);
  } finally {
    await stop();
  }
});

test("takes less when what runs has ended, none when it may take none, and again when it may", async () => {
  const { queue, worker, add, running, end, stop } = await lane("shrink");
  try {
    await queue.setSlots(2);
    worker.resize(2);
    await add("a", "b", "c", "d");
    await expect.poll(running).toEqual(["a", "b"]);
    worker.resize(1);
    end("a");
    end("b");
    await expect.poll(running).toEqual(["c"]);
    worker.resize(0);
    end("c");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(running()).toEqual([]);
    worker.resize(1);
    await expect.poll(running).toEqual(["d"]);
  } finally {
    await stop();
  }
});

test("a limit that Redis has is not written again, and one that it lost is", async () => {
  const { queue, stop } = await lane("limit");
  try {
    expect([await queue.setSlots(2), await queue.setSlots(2), await queue.setSlots(0), await queue.setSlots(0)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  } finally {
    await stop();
  }
});
