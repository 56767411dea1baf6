// How many slots a lane has, for who asks often: as the boxes were a second ago at most.
import type { Lane } from "#contract/operation.ts";
import type { LaneBoxStore } from "./lane-boxes.ts";

export type LaneSlots = {
  of(lane: Lane): Promise<number>;
  /** Reads them now. */
  refresh(): Promise<Record<Lane, number>>;
};

const keptMs = 1_000;

export function laneSlots(store: Pick<LaneBoxStore, "slots">): LaneSlots {
  let known: Promise<Record<Lane, number>> | undefined;
  let readAt = 0;

  function refresh() {
    readAt = performance.now();
    const reading = store.slots();
    known = reading;
    reading.catch(() => {
      if (known === reading) known = undefined;
    });
    return reading;
  }

  return {
    async of(lane) {
      const slots = await (known && performance.now() - readAt < keptMs ? known : refresh());
      return slots[lane];
    },
    refresh,
  };
}
