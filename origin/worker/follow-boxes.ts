// A lane's slots follow its boxes: what this worker finds well is told to all, and what all have found is what may run at once.
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lane } from "#contract/operation.ts";
import type { JobStore } from "../jobs/store.ts";
import type { Dispatcher } from "../queue/dispatcher.ts";
import type { LaneBoxStore } from "../queue/lane-boxes.ts";
import type { LaneQueue, LaneWorker } from "../queue/lane-queue.ts";
import type { LaneSlots } from "../queue/lane-slots.ts";
import type { BoxPool } from "./box-pool.ts";

type Needs = {
  boxes: Pick<BoxPool, "lanes" | "look" | "ready">;
  laneBoxes: Pick<LaneBoxStore, "seen" | "forgetGone">;
  slots: LaneSlots;
  queues: Record<Lane, Pick<LaneQueue, "setSlots">>;
  workers: Partial<Record<Lane, Pick<LaneWorker, "resize">>>;
  dispatch: Pick<Dispatcher, "wake">;
  store: Pick<JobStore, "waitFor">;
  onError(error: unknown): void;
};

const everyMs = 2_000;
const forgetEveryTurns = 10;

export type FollowedBoxes = { lookNow(): void; stop(): Promise<void> };

/** Returns once it has looked for the first time. */
export async function followBoxes(needs: Needs): Promise<FollowedBoxes> {
  const { boxes, laneBoxes, slots, queues, workers, dispatch, store, onError } = needs;
  const stopping = new AbortController();
  const applied = new Map<Lane, number>();
  let hurry = new AbortController();
  let turns = 0;

  async function turn(): Promise<void> {
    const seen = await boxes.look();
    await laneBoxes.seen(
      seen.flatMap(({ lane, address, health, healthy }) => (healthy && health ? [{ lane, box: nameOf(address), health }] : [])),
    );
    if (turns++ % forgetEveryTurns === 0)
      await laneBoxes.forgetGone(
        boxes.lanes,
        seen.map(({ address }) => nameOf(address)),
      );
    const now = await slots.refresh();
    for (const lane of boxes.lanes) await apply(lane, now[lane]);
  }

  async function apply(lane: Lane, count: number): Promise<void> {
    const before = applied.get(lane);
    // Asked each time, because Redis may have lost it.
    const told = await queues[lane].setSlots(count);
    if (!stopping.signal.aborted) workers[lane]?.resize(boxes.ready(lane));
    if (!told && before === count) return;
    if (count > 0 && !before) await store.waitFor("engine", "slot", lane);
    applied.set(lane, count);
    dispatch.wake(lane);
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      hurry = new AbortController();
      await sleep(everyMs, undefined, { signal: AbortSignal.any([stopping.signal, hurry.signal]) }).catch(() => {});
      if (!stopping.signal.aborted) await turn().catch(onError);
    }
  }

  await turn().catch(onError);
  const looping = loop();
  return {
    lookNow: () => hurry.abort(),
    async stop() {
      stopping.abort();
      await looping;
    },
  };
}

/** The same for every worker that has this box, and for no other box. */
export function nameOf(address: string): string {
  const { protocol, hostname: host } = new URL(address);
  const local = protocol === "unix:" || /^(localhost|127\..*|\[::1\])$/.test(host);
  return local ? `${hostname()} ${address}` : address;
}
