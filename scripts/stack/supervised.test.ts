import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { Supervised } from "./supervised.ts";

let running: Supervised | undefined;
afterEach(() => running?.stop());

const supervise = (alive: () => Promise<void>) => {
  const part = {
    name: "sleeper",
    command: ["/bin/sleep", "60"] as const,
    environment: {},
    logPath: "/dev/null",
    probe: async () => {},
    alive,
    readyWithinMs: 1_000,
    stopWithinMs: 1_000,
  };
  running = new Supervised(part, { restart: true, log: () => {}, askEveryMs: 5 });
  return running;
};

test("a part that hangs is killed and started anew", async () => {
  let hung = false;
  const supervised = supervise(async () => {
    if (hung) throw new Error("no answer");
  });
  const first = supervised.pid;
  await sleep(50);
  expect(supervised.pid).toBe(first);
  hung = true;
  await vi.waitFor(() => expect(supervised.pid).not.toBe(first));
  hung = false;
  await vi.waitFor(() => expect(supervised.pid).toBeTypeOf("number"));
});

test("a part that has never answered is left to its start", async () => {
  const supervised = supervise(async () => {
    throw new Error("not yet");
  });
  const first = supervised.pid;
  await sleep(100);
  expect(supervised.pid).toBe(first);
});
