import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { inTurn } from "./in-turn.ts";

test("work of one name takes turns, in order, and work that fails does not stop the next", async () => {
  const seen: string[] = [];
  let running = 0;
  const work = (n: number) => async () => {
    expect(++running).toBe(1);
    await sleep(3 - n);
    running--;
    seen.push(`${n}`);
    if (n === 1) throw new Error("the first");
  };
  const outcomes = await Promise.allSettled([1, 2, 3].map((n) => inTurn("acme", work(n))));
  expect(seen).toEqual(["1", "2", "3"]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
});

test("another name does not wait", async () => {
  const gate = Promise.withResolvers<void>();
  const held = inTurn("acme", () => gate.promise);
  expect(await inTurn("rival", async () => "at once")).toBe("at once");
  gate.resolve();
  await held;
});
