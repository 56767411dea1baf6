import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { type Lane, lanes } from "#contract/operation.ts";
import type { Dispatcher } from "../queue/dispatcher.ts";
import type { LaneBoxStore } from "../queue/lane-boxes.ts";
import { type LaneQueue, type LaneWorker, laneWorker } from "../queue/lane-queue.ts";
import type { LaneSlots } from "../queue/lane-slots.ts";
import { startSweep } from "../queue/sweep.ts";
import type { Phase } from "../shutdown.ts";
import { type ActiveRuns, activeRuns } from "./active-runs.ts";
import { followBoxes } from "./follow-boxes.ts";
import { type ProcessNeeds, processJob } from "./process-job.ts";
import { watchScanner } from "./scanner-watch.ts";

type Needs = Omit<ProcessNeeds, "active"> & {
  prefix: string;
  consumer(): Redis;
  queues: Record<Lane, LaneQueue>;
  dispatch: Dispatcher;
  laneBoxes: LaneBoxStore;
  slots: LaneSlots;
  graceMs: number;
  forgetAnswers(): Promise<void>;
  /** Hears of every end of a job. */
  onEnd(listener: (jobId: string) => void): void;
};

const handBackMs = 4_000;

/** Takes jobs from the lanes that have boxes, and sweeps; answers how to end that in order. */
export async function startWorking({
  prefix,
  consumer,
  queues,
  dispatch,
  laneBoxes,
  slots,
  graceMs,
  forgetAnswers,
  onEnd,
  ...process
}: Needs): Promise<Phase[]> {
  const { store, log, announceEnd } = process;
  const { boxes } = process.tools;
  const onError = (what: string) => (err: unknown) => log.error({ err }, what);
  const active = activeRuns(store, onError("heartbeat failed"));
  onEnd(active.lookAt);
  const watch = watchScanner({ scanner: process.tools.scanner, store, log });
  const ran: ProcessNeeds["ran"] = (event) => {
    process.ran(event);
    if (event.problem === "engine-unavailable") follow.lookNow();
  };
  const workers: Partial<Record<Lane, LaneWorker>> = {};
  for (const lane of boxes.lanes) {
    const run = async (attempt: Parameters<typeof processJob>[1]) => {
      if (!(await watch.ready())) return store.leaveWindow([attempt]);
      await processJob({ ...process, active, ran }, attempt);
      // An account may have waited for this end in another lane.
      for (const each of lanes) dispatch.wake(each);
    };
    workers[lane] = laneWorker({ lane, prefix, connection: consumer(), process: run, onError: onError(`worker ${lane} failed`) });
  }
  const all = Object.values(workers);
  const follow = await followBoxes({
    boxes,
    laneBoxes,
    slots,
    queues,
    workers,
    dispatch,
    store,
    onError: onError("boxes were not looked after"),
  });
  const sweep = startSweep({ store, queues, dispatcher: dispatch, announceEnd, forgetAnswers, onError: onError("sweep failed") });

  const handBack = async () => {
    active.abortAll();
    await drained(active, handBackMs);
    await dispatch.settled();
    active.stop();
  };
  return [
    {
      name: "stop sweep and watch",
      limitMs: 2_000,
      run: () => {
        watch.stop();
        return Promise.all([follow.stop(), sweep.stop()]);
      },
    },
    { name: "take no more jobs", limitMs: 2_000, run: () => Promise.all(all.map((worker) => worker.pause())) },
    { name: "let jobs end", limitMs: graceMs + 500, run: () => drained(active, graceMs) },
    { name: "hand jobs back", limitMs: handBackMs + 1_000, run: handBack },
    { name: "close workers", limitMs: 3_000, run: () => Promise.all(all.map((worker) => worker.close())) },
  ];
}

async function drained({ count }: ActiveRuns, limitMs: number): Promise<void> {
  for (const until = Date.now() + limitMs; count() > 0 && Date.now() < until; ) await sleep(50);
}
