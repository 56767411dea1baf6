// The composition root: builds everything of a role from the configuration, and knows how to end it.

import type { Redis } from "ioredis";
import { type Lane, lanes } from "#contract/operation.ts";
import type { Health } from "#contract/routes/service.ts";
import type { Config } from "./config.ts";
import { openDatabase } from "./db/database.ts";
import { apiApp, healthApp } from "./http/app.ts";
import { type Listening, serve } from "./http/serve.ts";
import { jobStore } from "./jobs/store.ts";
import type { Logger } from "./log.ts";
import { announcements } from "./queue/announcements.ts";
import { consumerConnection, producerConnection, ready } from "./queue/connection.ts";
import { dispatcher } from "./queue/dispatcher.ts";
import { type LaneWorker, laneQueue, laneWorker } from "./queue/lane-queue.ts";
import { startSweep } from "./queue/sweep.ts";
import { clamd } from "./scanner/clamd.ts";
import type { Phase } from "./shutdown.ts";
import { r2 } from "./storage/r2.ts";
import { activeRuns } from "./worker/active-runs.ts";
import { boxPool } from "./worker/box-pool.ts";
import { processJob } from "./worker/process-job.ts";

export const roles = ["all", "api", "worker", "migrate"] as const;
export type Role = (typeof roles)[number];

export type Wired = { port: number; phases: Phase[] };

export async function wire(role: Exclude<Role, "migrate">, config: Config, log: Logger): Promise<Wired> {
  const onError = (what: string) => (err: unknown) => log.error({ err }, what);
  if (config.DATABASE_URL === undefined && role !== "all") {
    throw new Error(
      `The role ${role} needs DATABASE_URL: the embedded database belongs to one process, which must be api and worker (role all).`,
    );
  }
  const works = role !== "api";
  const answers = role !== "worker";

  const database = await openDatabase({
    url: config.DATABASE_URL,
    dataDir: config.DATA_DIR,
    onError: onError("database connection failed"),
  });
  if (role === "all") await database.migrate();
  else if (await database.outdated()) throw new Error("The database lacks migrations of this release: run the role `migrate` first.");
  const store = jobStore(database.db);

  const producer = producerConnection(config.REDIS_URL, onError("redis connection failed"));
  const consumers: Redis[] = [];
  const consumer = () => {
    const connection = consumerConnection(config.REDIS_URL, onError("redis connection failed"));
    consumers.push(connection);
    return connection;
  };
  await ready(producer, 10_000);
  const { announceEnd, wait } = announcements({
    prefix: config.QUEUE_PREFIX,
    publisher: producer,
    subscriber: consumer(),
    onError: onError("announcement failed"),
  });
  const queueOf = (lane: Lane) =>
    laneQueue({ lane, prefix: config.QUEUE_PREFIX, connection: producer, onError: onError(`queue ${lane} failed`) });
  const queues = { office: queueOf("office"), light: queueOf("light") };

  const boxes = boxPool(config.boxes, { allowBare: config.ALLOW_BARE_ENGINES });
  const scanner = clamd({ address: config.CLAMD, allowTestSignatures: config.ALLOW_TEST_SIGNATURES });
  const dispatch = dispatcher({ store, queues, slots: boxes.slots, onError: onError("dispatch failed") });
  const optionsKey = Buffer.from(config.OPTIONS_KEY, "base64");

  let stopping = false;
  const health = async (): Promise<Health> => {
    const redisPing = producer.ping();
    const essential = await Promise.allSettled([database.ping(), redisPing]);
    if (stopping || essential.some(({ status }) => status === "rejected")) return { status: "unavailable" };
    const degraded = works ? await missing() : [];
    return degraded.length > 0 ? { status: "degraded", degraded } : { status: "ok" };
  };
  const missing = async (): Promise<string[]> => {
    const scans = await scanner.ready().then(
      () => true,
      () => false,
    );
    const ready = await Promise.all(lanes.map(async (lane) => ({ lane, boxes: await boxes.ready(lane) })));
    return [...(scans ? [] : ["scanner"]), ...ready.filter((found) => found.boxes === 0).map(({ lane }) => `engine-${lane}`)];
  };

  const phases: Phase[] = [
    {
      name: "refuse readiness",
      limitMs: 100,
      run: () => {
        stopping = true;
      },
    },
  ];

  if (works) {
    const objects = r2({
      endpoint: config.R2_ENDPOINT,
      accessKeyId: config.R2_ACCESS_KEY_ID,
      secretAccessKey: config.R2_SECRET_ACCESS_KEY,
      buckets: { uploads: config.UPLOADS_BUCKET, results: config.RESULTS_BUCKET },
    });
    const active = activeRuns(store, onError("heartbeat failed"));
    const tools = { objects, scanner, boxes };
    const workers: LaneWorker[] = [];
    for (const lane of lanes.filter((name) => boxes.slots[name] > 0)) {
      await queues[lane].setSlots(boxes.slots[lane]);
      workers.push(
        laneWorker({
          lane,
          prefix: config.QUEUE_PREFIX,
          connection: consumer(),
          concurrency: boxes.slots[lane],
          async process(attempt) {
            await processJob({ store, tools, active, optionsKey, announceEnd, log }, attempt);
            dispatch.wake(lane);
          },
          onError: onError(`worker ${lane} failed`),
        }),
      );
    }
    const sweep = startSweep({ store, queues, dispatcher: dispatch, announceEnd, onError: onError("sweep failed") });
    phases.push(
      { name: "stop the sweep", limitMs: 2_000, run: () => sweep.stop() },
      { name: "take no more jobs", limitMs: 2_000, run: () => Promise.all(workers.map((worker) => worker.pause())) },
      { name: "let jobs end", limitMs: config.SHUTDOWN_GRACE_MS + 500, run: () => drained(active.count, config.SHUTDOWN_GRACE_MS) },
      {
        name: "hand jobs back",
        limitMs: 5_000,
        run: async () => {
          active.abortAll();
          await drained(active.count, 4_000);
          await dispatch.settled();
          active.stop();
        },
      },
      {
        name: "close workers",
        limitMs: 3_000,
        run: () => Promise.all([...workers.map((worker) => worker.close()), boxes.close(), objects.close()]),
      },
    );
  }

  const app = answers
    ? apiApp({
        edgeKey: Buffer.from(config.EDGE_KEY),
        log,
        createJob: { store, optionsKey, wake: dispatch.wake },
        getJob: { store, ended: { wait } },
        health,
      })
    : healthApp({ log, health });
  const listening: Listening = await serve(app, { host: config.HOST, port: config.PORT });
  phases.splice(1, 0, { name: "close doors", limitMs: 3_000, run: () => listening.close() });
  phases.push({
    name: "close connections",
    limitMs: 3_000,
    run: async () => {
      await Promise.all(lanes.map((lane) => queues[lane].close()));
      for (const connection of [producer, ...consumers]) connection.disconnect();
      await database.close();
    },
  });
  return { port: listening.port, phases };
}

async function drained(count: () => number, limitMs: number): Promise<void> {
  for (const until = Date.now() + limitMs; count() > 0 && Date.now() < until; ) await new Promise((resolve) => setTimeout(resolve, 50));
}
