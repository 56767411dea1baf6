import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { healthOf } from "./health.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const hangs = () => new Promise<never>(() => {});
const fails = () => Promise.reject(new Error("away"));
type Parts = Parameters<typeof healthOf>[0];

/** What is said when the edge has almost waited long enough. */
async function saidOf(parts: Partial<Parts>) {
  let said: unknown = "nothing";
  const health = healthOf({
    role: "all",
    stopping: new AbortController().signal,
    database: { ping: async () => {} },
    redis: { ping: async () => "PONG" } as Parts["redis"], // ioredis types its commands with callbacks, too
    store: { scannerAwaited: async () => false },
    slots: { refresh: async () => ({ office: 1, light: 1 }) },
    scanner: { ready: async () => {} },
    boxes: { lanes: ["office", "light"], ready: () => 1 },
    ...parts,
  });
  void health().then((answer) => {
    said = answer;
  });
  await vi.advanceTimersByTimeAsync(1_900);
  return said;
}

test("an origin with all its parts is ready", async () => {
  expect(await saidOf({})).toEqual({ status: "ok" });
});

test.each([
  ["hangs", hangs],
  ["is away", fails],
])("a scanner that %s is named in time, and jobs are taken; a worker without one is not ready", async (_, ready) => {
  expect(await saidOf({ scanner: { ready } })).toEqual({ status: "degraded", degraded: ["scanner"] });
  expect(await saidOf({ scanner: { ready }, role: "worker" })).toEqual({ status: "unavailable", degraded: ["scanner"] });
});

test.each([
  ["hangs", hangs],
  ["is away", fails],
])("an origin whose database or Redis %s says in time that it is not ready", async (_, ping) => {
  const refresh = ping;
  expect(await saidOf({ database: { ping } })).toEqual({ status: "unavailable" });
  expect(await saidOf({ redis: { ping } as Parts["redis"], slots: { refresh } })).toEqual({ status: "unavailable" });
});

test("a lane without an engine is named", async () => {
  expect(await saidOf({ slots: { refresh: async () => ({ office: 0, light: 1 }) } })).toEqual({
    status: "degraded",
    degraded: ["engine-office"],
  });
});
