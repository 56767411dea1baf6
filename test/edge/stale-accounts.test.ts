import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { codeOf } from "./support/client.ts";
import { type RunningEdge, startEdge } from "./support/start-edge.ts";

const refreshMs = 1_000;
const maxMs = 5_000;
const forgetMs = 6_000;
let edge: RunningEdge;
beforeAll(async () => {
  const variables = { SNAPSHOT_REFRESH_MS: `${refreshMs}`, SNAPSHOT_MAX_MS: `${maxMs}`, ACCOUNT_FORGET_MS: `${forgetMs}` };
  edge = await startEdge({ controls: true, variables });
});
afterAll(() => edge?.stop());
afterEach(() => edge.origin.answerSnapshotsWith(undefined));

const away = { status: 503, body: {} };
const ask = async (key: string) => {
  const response = await fetch(`${edge.url}/v1/jobs/job_${"a".repeat(26)}`, { headers: { authorization: `Bearer ${key}` } });
  return response.status === 200 ? 200 : codeOf(response);
};
const kept = async (account: string) =>
  (await (await fetch(`${edge.url}/test/${account}/kept`)).json()) as { keys: string[]; tables: string[]; alarm: number | null };

test("a change that nobody pushed holds once the snapshot has been refreshed", async () => {
  const { id, key } = edge.origin.accounts.addKey("refreshed");
  expect(await ask(key)).toBe(200);
  const lookUps = () => edge.origin.snapshotRequests.filter(({ path }) => path.endsWith("/refreshed")).length;
  const before = lookUps();
  edge.origin.accounts.revokeKey("refreshed", id);
  await expect.poll(() => ask(key)).toBe("key-invalid");
  expect(lookUps()).toBeGreaterThan(before);
});

test("with the origin away the last snapshot holds for a while, and then nobody is admitted", async () => {
  const { key } = edge.origin.accounts.addKey("orphaned");
  expect(await ask(key)).toBe(200);
  edge.origin.answerSnapshotsWith(away);
  await sleep(2 * refreshMs);
  expect(await ask(key)).toBe(200);
  await sleep(maxMs - 2 * refreshMs);
  const response = await fetch(`${edge.url}/v1/account`, { headers: { authorization: `Bearer ${key}` } });
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("5");
  expect(await codeOf(response)).toBe("account-state-unavailable");
  edge.origin.answerSnapshotsWith(undefined);
  await sleep(1_000);
  expect(await ask(key)).toBe(200);
});

test("an account that was never seen is not admitted while the origin is away", async () => {
  const { key } = edge.origin.accounts.addKey("unseen");
  edge.origin.answerSnapshotsWith(away);
  expect(await ask(key)).toBe("account-state-unavailable");
});

test.each([
  ["another account's snapshot", () => ({ status: 200, body: edge.origin.accounts.snapshot("acme") })],
  ["nonsense", () => ({ status: 200, body: { account: "puzzled" } })],
  ["a 404 that is not about accounts", () => ({ status: 404, body: "<h1>not found</h1>" })],
])("an origin that answers with %s is as good as away", async (_, answer) => {
  const { key } = edge.origin.accounts.addKey("puzzled");
  edge.origin.answerSnapshotsWith(answer());
  await sleep(1_000);
  expect(await ask(key)).toBe("account-state-unavailable");
});

test("an account that nobody uses any more is forgotten whole", async () => {
  const { key } = edge.origin.accounts.addKey("forgotten");
  expect(await ask(key)).toBe(200);
  const announced = await fetch(`${edge.url}/v1/uploads`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ filename: "a", size: 1 }),
  });
  expect(announced.status).toBe(201);
  expect(await kept("forgotten")).toMatchObject({ keys: ["live", "snapshot"], tables: ["uploads"], alarm: expect.any(Number) });
  await expect.poll(() => kept("forgotten"), { interval: 500 }).toEqual({ keys: [], tables: [], alarm: null });
  expect(await ask(key)).toBe(200);
});

test("of an account that does not exist nothing is stored", async () => {
  edge.origin.accounts.change("mirage");
  const { key } = edge.origin.accounts.addKey("mirage");
  edge.origin.accounts.remove("mirage");
  expect(await ask(key)).toBe("key-invalid");
  expect(await kept("mirage")).toEqual({ keys: [], tables: [], alarm: null });
});

test("an account that was deleted is forgotten at once", async () => {
  const { key } = edge.origin.accounts.addKey("deleted");
  expect(await ask(key)).toBe(200);
  edge.origin.accounts.remove("deleted");
  await sleep(2 * refreshMs);
  expect(await ask(key)).toBe("key-invalid");
  expect(await kept("deleted")).toMatchObject({ keys: [], tables: [] });
});
