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
    // Nobody reads them: without a bound that is small Redis keeps ten thousand.
    streams: { events: { maxLen: 100 } },
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
    /** How many entries of this lane may run at once, over all workers; false when Redis knows that already. */
    async setSlots(slots: number): Promise<boolean> {
      if ((await queue.getGlobalConcurrency()) === slots) return false;
      await queue.setGlobalConcurrency(slots);
      return true;
    },
    close: () => queue.close(),
  };
}

export type LaneWorker = {
  /** From now on takes so many entries at once; none before it was called. Those that run go on. */
  resize(concurrency: number): void;
  /** Takes no more entries, for good; those that run go on. */
  pause(): Promise<void>;
  close(): Promise<void>;
};

export function laneWorker(options: {
  lane: Lane;
  prefix: string;
  connection: Redis;
  process(attempt: Attempt): Promise<void>;
  onError(error: Error): void;
}): LaneWorker {
  const open = (concurrency: number): Worker =>
    new Worker<Entry>(options.lane, ({ data }) => options.process({ id: data.id, attempt: data.attempt }), {
      connection: options.connection,
      prefix: options.prefix,
      concurrency,
      // A killed worker's entry is dropped here, so that it holds no slot of the lane, by the time that the sweep hands its row back.
      lockDuration: 6_000,
      stalledInterval: 2_000,
      maxStalledCount: 0,
      drainDelay: 5,
    }).on("error", options.onError);
  // BullMQ's worker notices that it may take more only when an entry ends, which can be long: what is added gets a worker of its own.
  const workers: Worker[] = [];
  const closing = new Set<Promise<void>>();

  function shrink(by: number): void {
    const last = workers.at(-1);
    if (!last || by <= 0) return;
    if (last.concurrency > by) {
      last.concurrency -= by;
      return;
    }
    workers.pop();
    const closed = last.close().finally(() => closing.delete(closed));
    closing.add(closed);
    shrink(by - last.concurrency);
  }

  return {
    resize(concurrency) {
      const present = workers.reduce((sum, worker) => sum + worker.concurrency, 0);
      if (concurrency > present) workers.push(open(concurrency - present));
      else shrink(present - concurrency);
    },
    pause: async () => void (await Promise.all(workers.map((worker) => worker.pause(true)))),
    close: async () => void (await Promise.all([...closing, ...workers.map((worker) => worker.close(true))])),
  };
}
