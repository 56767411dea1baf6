// Holds rows against reality, every few seconds: Postgres is the truth, Redis and workers may vanish at any moment.
import { type Lane, lanes } from "#contract/operation.ts";
import { Problem, problemBody } from "#contract/problems.ts";
import { handBack } from "../jobs/hand-back.ts";
import type { JobStore } from "../jobs/store.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { LaneQueue } from "./lane-queue.ts";

/** A worker beats every 2 s; one that is silent for longer than this has lost its job. */
const silentMs = 8_000;
/** An entry that has not been claimed for so long is looked for in Redis. */
const windowDoubtMs = 5_000;
const everyMs = 3_000;

type Needs = {
  store: Pick<JobStore, "abandoned" | "leaveRunning" | "longInWindow" | "leaveWindow" | "expireQueued">;
  queues: Record<Lane, Pick<LaneQueue, "has">>;
  dispatcher: Pick<Dispatcher, "wake">;
  announceEnd(jobId: string): void;
  /** Deletes the answers to repeated requests that are no longer kept. */
  forgetAnswers(): Promise<void>;
  onError(error: unknown): void;
};

export async function sweepOnce({ store, queues, dispatcher, announceEnd, forgetAnswers }: Omit<Needs, "onError">): Promise<void> {
  for (const row of await store.abandoned(silentMs)) await handBack({ store, announceEnd }, row, { reason: "worker-lost" });
  const late = problemBody(new Problem("job-expired"));
  for (let expired = await store.expireQueued(late); expired.length > 0; expired = await store.expireQueued(late))
    expired.forEach(announceEnd);
  for (const lane of lanes) {
    const doubtful = await store.longInWindow(lane, windowDoubtMs);
    const present = await Promise.all(doubtful.map((attempt) => queues[lane].has(attempt)));
    await store.leaveWindow(doubtful.filter((_, index) => !present[index]));
    dispatcher.wake(lane);
  }
  await forgetAnswers();
}

export function startSweep(needs: Needs): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout;
  let current = Promise.resolve();
  const turn = () => {
    current = sweepOnce(needs)
      .catch(needs.onError)
      .then(() => {
        if (!stopped) timer = setTimeout(turn, everyMs);
      });
  };
  turn();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await current;
    },
  };
}
