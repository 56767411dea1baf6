// The composition root: builds what a role needs from the configuration, and knows how to end it, phase by phase.
import type { Redis } from "ioredis";
import { type Lane, lanes } from "#contract/operation.ts";
import type { Config } from "./config.ts";
import { type OpenDatabase, openDatabase } from "./db/database.ts";
import { healthOf } from "./health.ts";
import { apiApp, healthApp } from "./http/app.ts";
import { serve } from "./http/serve.ts";
import { jobStore } from "./jobs/store.ts";
import type { Logger } from "./log.ts";
import { announcements } from "./queue/announcements.ts";
import { consumerConnection, producerConnection, ready } from "./queue/connection.ts";
import { dispatcher } from "./queue/dispatcher.ts";
import { laneQueue } from "./queue/lane-queue.ts";
import { clamd } from "./scanner/clamd.ts";
import type { Phase } from "./shutdown.ts";
import { r2 } from "./storage/r2.ts";
import { boxPool } from "./worker/box-pool.ts";
import { startWorking } from "./worker/start-working.ts";

export const roles = ["all", "api", "worker", "migrate"] as const;
export type Role = (typeof roles)[number];
type RunningRole = Exclude<Role, "migrate">;

export type Wired = { port: number; phases: Phase[] };

export async function wire(role: RunningRole, config: Config, log: Logger): Promise<Wired> {
  const onError = (what: string) => (err: unknown) => log.error({ err }, what);
  const works = role !== "api";
  const scanner = clamd({
    addresses: config.CLAMD,
    allowTestSignatures: config.ALLOW_TEST_SIGNATURES,
    signaturesAgeMaxMs: config.SIGNATURES_AGE_MAX_HOURS * 3_600_000,
    onMisfit: (misfit) => log.error(misfit),
  });
  const misfits = works ? await scanner.misfits() : [];
  if (misfits.length > 0) throw new Error(misfits.join("\n"));

  const database = await openTruth(role, config, onError("database connection failed"));
  const store = jobStore(database.db);

  const producer = producerConnection(config.REDIS_URL, onError("redis connection failed"));
  await ready(producer, 10_000);
  const consumers: Redis[] = [];
  const consumer = () => {
    const connection = consumerConnection(config.REDIS_URL, onError("redis connection failed"));
    consumers.push(connection);
    return connection;
  };
  const prefix = config.QUEUE_PREFIX;
  const queueOf = (lane: Lane) => laneQueue({ lane, prefix, connection: producer, onError: onError(`queue ${lane} failed`) });
  const queues = { office: queueOf("office"), light: queueOf("light") };
  const ends = announcements({ prefix, publisher: producer, subscriber: consumer(), onError: onError("announcement failed") });

  const boxes = boxPool(config.boxes, { allowBare: config.ALLOW_BARE_ENGINES });
  const dispatch = dispatcher({ store, queues, slots: boxes.slots, onError: onError("dispatch failed") });
  const optionsKey = Buffer.from(config.OPTIONS_KEY, "base64");

  const objects = r2({
    endpoint: config.R2_ENDPOINT,
    accessKeyId: config.R2_ACCESS_KEY_ID,
    secretAccessKey: config.R2_SECRET_ACCESS_KEY,
    buckets: { uploads: config.UPLOADS_BUCKET, results: config.RESULTS_BUCKET },
  });
  const graceMs = config.SHUTDOWN_GRACE_MS;
  const work = {
    prefix,
    consumer,
    queues,
    dispatch,
    graceMs,
    store,
    tools: { objects, scanner, boxes },
    optionsKey,
    announceEnd: ends.announceEnd,
    log,
  };
  const workPhases = works ? await startWorking(work) : [];

  const stopping = new AbortController();
  const health = healthOf({ database, redis: producer, stopping: stopping.signal, role, store, working: { scanner, boxes } });
  const jobs = { createJob: { store, optionsKey, wake: dispatch.wake }, getJob: { store, ended: ends } };
  const app =
    role === "worker"
      ? healthApp({ log, health })
      : apiApp({ log, health, edgeKey: Buffer.from(config.EDGE_KEY), stopping: stopping.signal, ...jobs });
  const listening = await serve(app, { host: config.HOST, port: config.PORT });

  const closeConnections = async () => {
    await Promise.all([...lanes.map((lane) => queues[lane].close()), boxes.close(), objects.close()]);
    for (const connection of [producer, ...consumers]) connection.disconnect();
    await database.close();
  };
  return {
    port: listening.port,
    phases: [
      { name: "refuse readiness", limitMs: 100, run: () => stopping.abort() },
      { name: "close doors", limitMs: 3_000, run: () => listening.close() },
      ...workPhases,
      { name: "close connections", limitMs: 5_000, run: closeConnections },
    ],
  };
}

/** The database, with the schema of this release. */
async function openTruth(role: RunningRole, config: Config, onError: (error: Error) => void): Promise<OpenDatabase> {
  if (config.DATABASE_URL === undefined && role !== "all") {
    throw new Error(
      `The role ${role} needs DATABASE_URL: the embedded database belongs to one process, which must be api and worker (role all).`,
    );
  }
  const database = await openDatabase({ url: config.DATABASE_URL, dataDir: config.DATA_DIR, onError });
  if (role === "all") await database.migrate();
  else if (await database.outdated()) throw new Error("The database lacks migrations of this release: run the role `migrate` first.");
  return database;
}
