import { afterEach, expect, test } from "vitest";
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
  let answers = 0;
  const supervised = supervise(async () => {
    if (hung) throw new Error("no answer");
    answers++;
  });
  const first = supervised.pid;
  await expect.poll(() => answers).toBeGreaterThan(3);
  expect(supervised.pid).toBe(first);
  hung = true;
  await expect.poll(() => supervised.pid).not.toBe(first);
  hung = false;
  await expect.poll(() => supervised.pid).toBeTypeOf("number");
});

test("a part that has never answered is left to its start", async () => {
  let asked = 0;
  const supervised = supervise(async () => {
    asked++;
    throw new Error("not yet");
  });
  const first = supervised.pid;
  await expect.poll(() => asked).toBeGreaterThan(10);
  expect(supervised.pid).toBe(first);
});
