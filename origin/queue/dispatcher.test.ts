import { expect, test } from "vitest";
import type { Attempt } from "../jobs/store.ts";
import { dispatcher } from "./dispatcher.ts";

/** A backlog of `waiting` jobs before a window that starts empty. */
function house(waiting: number, options: { redisAway?: boolean } = {}) {
  const backlog: Attempt[] = Array.from({ length: waiting }, (_, n) => ({ id: `job_${n}`, attempt: 1 }));
  const window: Attempt[] = [];
  const faults: unknown[] = [];
  const told: string[] = [];
  const slots = { office: 2, light: 1 };
  const store = {
    enterWindow: async (_lane: string, size: number) => backlog.splice(0, Math.max(0, size - window.length)),
    waitFor: async (_before: string, now: string, lane?: string) => void told.push(`${lane}: ${now}`),
    leaveWindow: async (attempts: Attempt[]) => void backlog.unshift(...attempts),
  };
  const lane = {
    add: async (attempts: Attempt[]) => {
      if (options.redisAway) throw new Error("away");
      window.push(...attempts);
    },
  };
  const dispatch = dispatcher({
    store,
    queues: { office: lane, light: lane },
    slots: async (name) => slots[name],
    onError: (fault) => faults.push(fault),
  });
  return { backlog, window, faults, told, slots, dispatch };
}

test("the window holds the lane's slots and one more, oldest first", async () => {
  const { dispatch, window, backlog } = house(10);
  dispatch.wake("office");
  await dispatch.settled();
  expect(window.map(({ id }) => id)).toEqual(["job_0", "job_1", "job_2"]);
  expect(backlog).toHaveLength(7);
});

test("a wake during a dispatch is not lost", async () => {
  const { dispatch, window } = house(10);
  dispatch.wake("office");
  window.splice(0);
  dispatch.wake("office");
  await dispatch.settled();
  expect(window.length).toBeGreaterThanOrEqual(3);
});

test("when Redis is away the jobs are back in the backlog", async () => {
  const { dispatch, window, backlog, faults } = house(5, { redisAway: true });
  dispatch.wake("light");
  await dispatch.settled();
  expect(window).toEqual([]);
  expect(backlog).toHaveLength(5);
  expect(faults).toHaveLength(1);
});

test("without a slot nothing leaves the backlog, which says what it waits for, and it flows when there is one", async () => {
  const { dispatch, window, slots, told } = house(5);
  slots.light = 0;
  dispatch.wake("light");
  await dispatch.settled();
  expect(window).toEqual([]);
  expect(told).toEqual(["light: engine"]);
  slots.light = 1;
  dispatch.wake("light");
  await dispatch.settled();
  expect(window).toHaveLength(2);
});
