// The queue without engines: real creation, database, dispatcher, lane and end of jobs, and between claim and end as much time as the bench says.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "#contract/ids.ts";
import type { Job } from "#contract/jobs.ts";
import type { LimitOverrides, TierName } from "#contract/tiers.ts";
import { uploadKey } from "#contract/uploads.ts";
import { openDatabase } from "#origin/db/database.ts";
import { prepare } from "#origin/db/prepare.ts";
import { accounts } from "#origin/db/schema.ts";
import { inTurn } from "#origin/idempotency/in-turn.ts";
import { createJob } from "#origin/jobs/create-job.ts";
import { jobStore } from "#origin/jobs/store.ts";
import { consumerConnection, producerConnection, ready } from "#origin/queue/connection.ts";
import { dispatcher } from "#origin/queue/dispatcher.ts";
import { laneLoads } from "#origin/queue/fair/lane-loads.ts";
import { laneQueue, laneWorker } from "#origin/queue/lane-queue.ts";
import { startPostgres } from "#test/support/postgres.ts";
import { startRedis } from "#test/support/redis.ts";
import type { Stage } from "./stage.ts";

/** The moments of one job, on this process's clock. */
export type Passage = {
  account: string;
  ordered: number;
  created: number;
  chosen: number;
  taken: number;
  started: number;
  ended: number;
};
export type QueueHouse = Awaited<ReturnType<typeof openQueueHouse>>;

const plenty = { conversions_per_month: null, input_bytes_per_month: null, pages_per_month: null, jobs_queued_max: 100_000 };
const lane = "light";
const onError = (error: unknown): void => console.error(error);

export async function openQueueHouse({ folder, onStop }: Stage, { slots, documentMs }: { slots: number; documentMs: number }) {
  const postgres = await startPostgres();
  onStop(postgres.stop);
  const redis = await startRedis();
  onStop(redis.stop);
  const database = await openDatabase({ url: postgres.url, dataDir: folder, onError });
  onStop(database.close);
  await prepare(database);
  const { db } = database;
  const store = jobStore(db);
  const address = { url: redis.url };
  const producer = producerConnection(address, onError);
  const consumer = consumerConnection(address, onError);
  onStop(() => [producer, consumer].forEach((connection) => void connection.disconnect()));
  await ready(producer, address, 5_000);

  const passages = new Map<string, Passage>();
  const at = (id: string, moment: Exclude<keyof Passage, "account">): void => {
    const passage = passages.get(id);
    if (passage) passage[moment] = performance.now();
  };
  const ends = new Map<string, () => void>();
  const prefix = "bench";
  const queue = laneQueue({ lane, prefix, connection: producer, onError });
  const noted = {
    async add(attempts: Parameters<typeof queue.add>[0]) {
      for (const { id } of attempts) at(id, "chosen");
      await queue.add(attempts);
    },
  };
  const dispatch = dispatcher({ store, queues: { office: noted, light: noted }, slots: async () => slots, onError });
  await queue.setSlots(slots);
  const worker = laneWorker({
    lane,
    prefix,
    connection: consumer,
    onError,
    async process(attempt) {
      at(attempt.id, "taken");
      if (!(await store.claim(attempt))) return;
      at(attempt.id, "started");
      if (documentMs > 0) await sleep(documentMs);
      await store.leaveRunning(attempt, { state: "succeeded", finishedAt: new Date() });
      at(attempt.id, "ended");
      ends.get(attempt.id)?.();
      dispatch.wake(lane);
    },
  });
  worker.resize(slots);
  onStop(async () => {
    await worker.close();
    await dispatch.settled();
    await queue.close();
  });

  const optionsKey = randomBytes(32);
  const lanes = laneLoads({ jobsMax: 1_000_000, waitMaxMs: 1e12 });
  const order = (account: string) => {
    const upload = newId("upl", randomBytes(16));
    const input = {
      upload,
      key: uploadKey(account, upload),
      etag: '"e"',
      size: 10_000,
      content_type: "application/pdf",
      filename: "a.pdf",
    };
    return {
      id: newId("job", randomBytes(16)),
      inputs: [input],
      steps: [{ operation: "pdf.to-text" as const, options: { layout: "reading" as const } }],
    };
  };

  return {
    db,
    redisUrl: redis.url,
    /** The programs beside this process. */
    pids: { postgres: postgres.pid, redis: redis.pid },
    passages,
    async account(id: string, tier: TierName, limitOverrides: LimitOverrides = {}): Promise<string> {
      await db.insert(accounts).values({ id, name: id, slug: id, tier, limitOverrides: { ...plenty, ...limitOverrides } });
      return id;
    },
    /** As a door does it: one after another of an account, each in a transaction, and the dispatcher is woken after it. */
    async create(account: string, { wake = true }: { wake?: boolean } = {}): Promise<{ job: Job; ended: Promise<void> }> {
      const wanted = order(account);
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      ends.set(wanted.id, resolve);
      passages.set(wanted.id, { account, ordered: performance.now(), created: 0, chosen: 0, taken: 0, started: 0, ended: 0 });
      const principal = { account, tier: "enterprise" as const, subject: "bench", scopes: ["jobs:write" as const], livemode: true };
      const inTransaction = () => db.transaction((tx) => createJob({ db: tx, optionsKey, lanes, now: new Date() }, principal, wanted));
      const job = await inTurn(account, inTransaction);
      at(wanted.id, "created");
      if (wake) dispatch.wake(lane);
      return { job, ended };
    },
    wake: () => dispatch.wake(lane),
  };
}
