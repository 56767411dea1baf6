// Moves the jobs that are next in a lane from the backlog in Postgres into the lane's window in Redis.
import { setTimeout as sleep } from "node:timers/promises";
import type { Lane } from "#contract/operation.ts";
import type { JobStore } from "../jobs/store.ts";
import type { LaneQueue } from "./lane-queue.ts";

type Needs = {
  store: Pick<JobStore, "enterWindow" | "leaveWindow" | "waitFor">;
  queues: Record<Lane, Pick<LaneQueue, "add">>;
  /** How many jobs of a lane can run at once. */
  slots(lane: Lane): Promise<number>;
  onError(error: unknown): void;
};

/** Wakes that come close together become one choice; the window's one job more bridges the pause. */
const restMs = 4;

export type Dispatcher = { wake(lane: Lane): void; dispatch(lane: Lane): Promise<void>; settled(): Promise<void> };

/** Woken whenever a job arrives or ends: nothing else can make room or work. Wakes that come during a dispatch become one more dispatch. */
export function dispatcher({ store, queues, slots, onError }: Needs): Dispatcher {
  const running = new Map<Lane, Promise<void>>();
  const wanted = new Set<Lane>();

  async function dispatch(lane: Lane): Promise<void> {
    const count = await slots(lane);
    if (count === 0) return store.waitFor("slot", "engine", lane);
    const attempts = await store.enterWindow(lane, count + 1);
    if (attempts.length === 0) return;
    try {
      await queues[lane].add(attempts);
    } catch (error) {
      await store.leaveWindow(attempts);
      throw error;
    }
  }

  async function loop(lane: Lane): Promise<void> {
    while (wanted.delete(lane)) {
      await dispatch(lane).catch(onError);
      if (wanted.has(lane)) await sleep(restMs);
    }
    running.delete(lane);
  }

  return {
    dispatch,
    wake(lane) {
      wanted.add(lane);
      if (!running.has(lane)) running.set(lane, loop(lane));
    },
    settled: async () => void (await Promise.all(running.values())),
  };
}
