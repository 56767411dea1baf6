import { setTimeout as sleep } from "node:timers/promises";
import type { BoxHealth } from "#contract/box.ts";
import { type Lane, lanes } from "#contract/operation.ts";
import { Problem } from "#contract/problems.ts";
import { type Box, box } from "./box.ts";
import type { Task } from "./box-task.ts";

/** `box` is the address of the box. */
export type Leased = Task & { box: string };
/** `health` is undefined for a box that does not answer. */
export type SeenBox = { lane: Lane; address: string; health: BoxHealth | undefined };

export type BoxPool = {
  /** A task in a free box of the lane; waits a little for one, then `engine-unavailable`. */
  lease(lane: Lane, signal: AbortSignal): Promise<Leased>;
  slots: Record<Lane, number>;
  /** How many boxes of the lane could take a task now or soon. */
  ready(lane: Lane): Promise<number>;
  /** What every box says of itself, now. */
  look(): Promise<SeenBox[]>;
  close(): Promise<void>;
};

/** The lane's concurrency equals its boxes, so a free box is near: one that is just being wiped, or restarted. */
const patienceMs = 10_000;
const lookAgainMs = 20;

export function boxPool(addresses: Record<Lane, string[]>, options: { allowBare: boolean }): BoxPool {
  const known = (address: string) => box(address, options);
  const boxes: Record<Lane, Box[]> = { office: addresses.office.map(known), light: addresses.light.map(known) };
  const next: Record<Lane, number> = { office: 0, light: 0 };
  /** Not asked, because they would say that they are busy; boxes that other workers hold are. */
  const leased = new Set<Box>();

  async function open(candidate: Box): Promise<Leased | undefined> {
    if (leased.has(candidate)) return undefined;
    leased.add(candidate);
    const task = await candidate.open();
    if (!task) leased.delete(candidate);
    const end = () => task?.end().finally(() => leased.delete(candidate));
    return task && { ...task, box: candidate.address, end: async () => void (await end()) };
  }

  return {
    slots: { office: boxes.office.length, light: boxes.light.length },
    async lease(lane, signal) {
      const all = boxes[lane];
      for (const until = Date.now() + patienceMs; ; ) {
        for (let tried = 0; tried < all.length; tried++) {
          const candidate = all[next[lane]++ % all.length];
          const task = candidate && (await open(candidate));
          if (task) return task;
        }
        if (Date.now() > until || signal.aborted) throw new Problem("engine-unavailable");
        await sleep(lookAgainMs);
      }
    },
    async ready(lane) {
      const healths = await Promise.all(boxes[lane].map((candidate) => candidate.health()));
      return healths.filter((health) => health?.ready && (options.allowBare || health.engine.sandbox !== "none")).length;
    },
    look: () =>
      Promise.all(lanes.flatMap((lane) => boxes[lane].map(async ({ address, health }) => ({ lane, address, health: await health() })))),
    close: async () => void (await Promise.all(lanes.flatMap((lane) => boxes[lane].map((candidate) => candidate.close())))),
  };
}
