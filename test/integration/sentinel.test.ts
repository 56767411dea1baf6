// The whole house on a Redis that three sentinels watch over, and whose master ends.
import { Redis } from "ioredis";
import { afterEach, expect, test } from "vitest";
import { redisTarget } from "#origin/queue/redis-address.ts";
import { startSentinels } from "#test/support/sentinels.ts";
import { client } from "./support/client.ts";
import { type House, startHouse } from "./support/house.ts";

const toText = { operation: "pdf.to-text" };
const jobsAtATime = 5;

let sentinels: Awaited<ReturnType<typeof startSentinels>>;
let house: House | undefined;
afterEach(async () => {
  await house?.stop();
  house = undefined;
  await sentinels?.stop();
});

test("a connection that asks for the master while another is announced finds that one", async () => {
  sentinels = await startSentinels();
  const patient = { maxRetriesPerRequest: null, sentinelCommandTimeout: 60_000 };
  const redis = new Redis({ ...redisTarget({ url: sentinels.url }), ...patient });
  redis.on("error", () => {});
  try {
    await redis.ping();
    await sentinels.replaceMasterInSilence();
    expect(await redis.ping()).toBe("PONG");
  } finally {
    redis.disconnect();
  }
});

test.each([
  ["is killed", "killMaster"],
  ["hangs", "freezeMaster"],
] as const)("jobs that are accepted before, while and after the master %s all end once", async (_how, end) => {
  sentinels = await startSentinels();
  house = await startHouse({ officeBoxes: 0, variables: { REDIS_URL: sentinels.url } });
  const acme = client(house);
  const upload = await acme.uploadFixture("two-pages.pdf");
  const startSome = () => Promise.all(Array.from({ length: jobsAtATime }, () => acme.start(upload, toText)));

  const before = await startSome();
  sentinels[end]();
  const meanwhile = await startSome();
  await sentinels.promoted();
  const after = await startSome();

  for (const { id } of [...after, ...meanwhile, ...before]) {
    const { state, results } = await acme.ended(id);
    expect({ state, results: results.length }).toEqual({ state: "succeeded", results: 1 });
  }
  // The new master carries what comes now without help: none of these needed a second try.
  for (const { id } of await startSome()) expect(await acme.ended(id)).toMatchObject({ state: "succeeded", attempt: 1 });
});
