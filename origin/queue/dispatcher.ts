// Moves the oldest waiting jobs of a lane from the backlog in Postgres into the lane's window in Redis.
import type { Lane } from "#contract/operation.ts";
import type { JobStore } from "../jobs/store.ts";
import type { LaneQueue } from "./lane-queue.ts";

type Needs = {
  store: Pick<JobStore, "enterWindow" | "leaveWindow">;
  queues: Record<Lane, Pick<LaneQueue, "add">>;
  /** How many jobs of a lane can run at once. */
  slots: Record<Lane, number>;
  onError(error: unknown): void;
};

export type Dispatcher = { wake(lane: Lane): void; dispatch(lane: Lane): Promise<void>; settled(): Promise<void> };

/** Woken whenever a job arrives or ends: nothing else can make room or work. Wakes that come during a dispatch become one more dispatch. */
export function dispatcher({ store, queues, slots, onError }: Needs): Dispatcher {
  const running = new Map<Lane, Promise<void>>();
  const wanted = new Set<Lane>();

  async function dispatch(lane: Lane): Promise<void> {
    const attempts = await store.enterWindow(lane, slots[lane] + 1);
    if (attempts.length === 0) return;
    try {
      await queues[lane].add(attempts);
    } catch (error) {
      await store.leaveWindow(attempts);
      throw error;
    }
  }

  async function loop(lane: Lane): Promise<void> {
    while (wanted.delete(lane)) await dispatch(lane).catch(onError);
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
