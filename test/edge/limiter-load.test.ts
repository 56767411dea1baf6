import { afterAll, beforeAll, expect, test } from "vitest";
import { isExact, limiterLoad } from "./support/limiter-load.ts";
import { type RunningEdge, startEdge } from "./support/start-edge.ts";

// The same with 10,000 requests, and with the memory of workerd: `npm run bench -- limits`.
const load = { accounts: 50, requestsPerAccount: 40, connections: 50, rate: { per_minute: 10, burst: 10 }, evictions: 1 };
const forgetMs = 8_000;

let edge: RunningEdge;
beforeAll(async () => {
  edge = await startEdge({ controls: true, variables: { ACCOUNT_FORGET_MS: `${forgetMs}` } });
});
afterAll(() => edge?.stop());

test("2,000 requests of 50 accounts get the burst and what time adds, although every object is evicted meanwhile", async () => {
  const { outcomes, statuses, uncounted } = await limiterLoad(edge, { ...load, name: "busy" });
  expect(outcomes).toHaveLength(50);
  expect(outcomes.filter((one) => !isExact(one))).toEqual([]);
  expect({ statuses, uncounted }).toEqual({ statuses: [200, 429], uncounted: 0 });
});

test("and when they ask no more, nothing of them is left", async () => {
  const kept = async (account: string) => (await fetch(`${edge.url}/test/${account}/kept`)).json();
  for (let index = 0; index < load.accounts; index++) {
    await expect.poll(() => kept(`busy-${index}`)).toEqual({ keys: [], tables: [], alarm: null });
  }
});
