// A lane: the short window of jobs in Redis. It holds ids and attempts, nothing else, and may be lost.
import { Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { Lane } from "#contract/operation.ts";
import type { Attempt } from "../jobs/store.ts";

type Entry = Attempt;

/** A BullMQ id is job and attempt: adding a kept id again would be ignored silently. */
const entryId = ({ id, attempt }: Attempt): string => `${id}-${attempt}`;

export type LaneQueue = ReturnType<typeof laneQueue>;

export function laneQueue(options: { lane: Lane; prefix: string; connection: Redis; onError(error: Error): void }) {
  const queue = new Queue<Entry>(options.lane, {
    connection: options.connection,
    prefix: options.prefix,
    // Retries live in rows, so an entry is tried once and never kept.
    defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
    skipWaitingForReady: true,
  });
  queue.on("error", options.onError);
  return {
    lane: options.lane,
    async add(attempts: Attempt[]): Promise<void> {
      await queue.addBulk(attempts.map((attempt) => ({ name: "job", data: attempt, opts: { jobId: entryId(attempt) } })));
    },
    async has(attempt: Attempt): Promise<boolean> {
      return (await queue.getJob(entryId(attempt))) !== undefined;
    },
    /** How many entries of this lane may run at once, over all workers. */
    async setSlots(slots: number): Promise<void> {
      await queue.setGlobalConcurrency(slots);
    },
    close: () => queue.close(),
  };
}

/** `pause` takes no more entries, for good; those that run go on. */
export type LaneWorker = { pause(): Promise<void>; close(): Promise<void> };

export function laneWorker(options: {
  lane: Lane;
  prefix: string;
  connection: Redis;
  concurrency: number;
  process(attempt: Attempt): Promise<void>;
  onError(error: Error): void;
}): LaneWorker {
  const worker = new Worker<Entry>(options.lane, ({ data }) => options.process({ id: data.id, attempt: data.attempt }), {
    connection: options.connection,
    prefix: options.prefix,
    concurrency: options.concurrency,
    // A killed worker's entry is dropped here and its row is handed back by the sweep.
    lockDuration: 10_000,
    stalledInterval: 5_000,
    maxStalledCount: 0,
    drainDelay: 5,
  });
  worker.on("error", options.onError);
  return {
    pause: () => worker.pause(true),
    close: () => worker.close(true),
  };
}
