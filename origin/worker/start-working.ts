import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { type Lane, lanes } from "#contract/operation.ts";
import type { Dispatcher } from "../queue/dispatcher.ts";
import { type LaneQueue, type LaneWorker, laneWorker } from "../queue/lane-queue.ts";
import { startSweep } from "../queue/sweep.ts";
import type { Phase } from "../shutdown.ts";
import { type ActiveRuns, activeRuns } from "./active-runs.ts";
import { type ProcessNeeds, processJob } from "./process-job.ts";
import { watchScanner } from "./scanner-watch.ts";

type Needs = Omit<ProcessNeeds, "active"> & {
  prefix: string;
  consumer(): Redis;
  queues: Record<Lane, LaneQueue>;
  dispatch: Dispatcher;
  slots: Record<Lane, number>;
  graceMs: number;
  forgetAnswers(): Promise<void>;
  /** Hears of every end of a job. */
  onEnd(listener: (jobId: string) => void): void;
};

const handBackMs = 4_000;
const boxesEveryMs = 2_000;

/** Takes jobs from the lanes that have boxes, and sweeps; answers how to end that in order. */
export async function startWorking({
  prefix,
  consumer,
  queues,
  dispatch,
  slots,
  graceMs,
  forgetAnswers,
  onEnd,
  ...process
}: Needs): Promise<Phase[]> {
  const { store, log, announceEnd } = process;
  const { boxes } = process.tools;
  const looking = setInterval(() => void boxes.look(), boxesEveryMs);
  const onError = (what: string) => (err: unknown) => log.error({ err }, what);
  const active = activeRuns(store, onError("heartbeat failed"));
  onEnd(active.lookAt);
  const watch = watchScanner({ scanner: process.tools.scanner, store, log });
  const workers: LaneWorker[] = [];
  for (const lane of lanes.filter((name) => slots[name] > 0)) {
    await queues[lane].setSlots(slots[lane]);
    const run = async (attempt: Parameters<typeof processJob>[1]) => {
      if (!(await watch.ready())) return store.leaveWindow([attempt]);
      await processJob({ ...process, active }, attempt);
      // An account may have waited for this end in another lane.
      for (const each of lanes) dispatch.wake(each);
    };
    workers.push(
      laneWorker({
        lane,
        prefix,
        connection: consumer(),
        concurrency: slots[lane],
        process: run,
        onError: onError(`worker ${lane} failed`),
      }),
    );
  }
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
        clearInterval(looking);
        watch.stop();
        return sweep.stop();
      },
    },
    { name: "take no more jobs", limitMs: 2_000, run: () => Promise.all(workers.map((worker) => worker.pause())) },
    { name: "let jobs end", limitMs: graceMs + 500, run: () => drained(active, graceMs) },
    { name: "hand jobs back", limitMs: handBackMs + 1_000, run: handBack },
    { name: "close workers", limitMs: 3_000, run: () => Promise.all(workers.map((worker) => worker.close())) },
  ];
}

async function drained({ count }: ActiveRuns, limitMs: number): Promise<void> {
  for (const until = Date.now() + limitMs; count() > 0 && Date.now() < until; ) await sleep(50);
}
