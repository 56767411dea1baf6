// The composition root: builds what a role needs from the configuration, and knows how to end it, phase by phase.
import { setTimeout as sleep } from "node:timers/promises";
import { Registry } from "prom-client";
import { type Lane, lanes } from "#contract/operation.ts";
import { accountPush } from "./accounts/push.ts";
import { sendSnapshot } from "./accounts/send-snapshot.ts";
import { serviceClassOf } from "./accounts/service-class.ts";
import { authOf } from "./auth/auth.ts";
import { keepTidy } from "./auth/keep-tidy.ts";
import type { Config } from "./config.ts";
import { type OpenDatabase, openDatabase } from "./db/database.ts";
import { prepare } from "./db/prepare.ts";
import { healthOf } from "./health.ts";
import { healthDetailOf } from "./health-detail.ts";
import { apiApp, healthApp } from "./http/app.ts";
import { insideApp } from "./http/inside-app.ts";
import { type Listening, serve } from "./http/serve.ts";
import { forgetAnswers } from "./idempotency/idempotent.ts";
import { type JobStore, jobStore } from "./jobs/store.ts";
import { noteKeyUse } from "./keys/note-key-use.ts";
import type { Logger } from "./log.ts";
import { exposition, stateKeptMs } from "./metrics/exposition.ts";
import { kept } from "./metrics/kept.ts";
import { meteredStore } from "./metrics/metered-store.ts";
import { readState } from "./metrics/read-state.ts";
import { workMeter } from "./metrics/work-meter.ts";
import { quarantineOf } from "./quarantine/quarantine.ts";
import { announcements } from "./queue/announcements.ts";
import { type Dispatcher, dispatcher } from "./queue/dispatcher.ts";
import { laneLoads } from "./queue/fair/lane-loads.ts";
import { laneBoxStore } from "./queue/lane-boxes.ts";
import { type LaneQueue, laneQueue } from "./queue/lane-queue.ts";
import { laneSlots } from "./queue/lane-slots.ts";
import { openRedis } from "./queue/open-redis.ts";
import { startRetention } from "./retention/start-retention.ts";
import { clamd, type Scanner } from "./scanner/clamd.ts";
import type { SealingKey } from "./seal.ts";
import { securityEvent } from "./security-log.ts";
import type { Phase } from "./shutdown.ts";
import type { ObjectStore } from "./storage/object-store.ts";
import { r2 } from "./storage/r2.ts";
import { chargePages } from "./usage/charge-pages.ts";
import { type BoxPool, boxPool } from "./worker/box-pool.ts";
import { chosenBoxes } from "./worker/chosen-boxes.ts";
import { startWorking } from "./worker/start-working.ts";

export const roles = ["all", "api", "worker", "migrate"] as const;
export type Role = (typeof roles)[number];
type RunningRole = Exclude<Role, "migrate">;

export type Wired = { port: number; phases: Phase[] };

type Parts = { store: JobStore; queue: LaneQueue; dispatch: Dispatcher; objects: ObjectStore; scanner: Scanner; boxes: BoxPool };
/** What is put around parts as they are built; the fault drill ends its processes there. */
export type Around = { [Name in keyof Parts]?: (part: Parts[Name]) => Parts[Name] };

export async function wire(role: RunningRole, config: Config, log: Logger, around: Around = {}): Promise<Wired> {
  const within = <Name extends keyof Parts>(name: Name, part: Parts[Name]): Parts[Name] => around[name]?.(part) ?? part;
  const onError = (what: string) => (err: unknown) => log.error({ err }, what);
  const works = role !== "api";
  const chosen = works ? chosenBoxes(config) : {};
  const clamav = clamd({
    addresses: config.CLAMD,
    allowTestSignatures: config.ALLOW_TEST_SIGNATURES,
    signaturesAgeMaxMs: config.SIGNATURES_AGE_MAX_HOURS * 3_600_000,
    onMisfit: (misfit) => log.error(misfit),
  });
  const scanner = within("scanner", clamav);
  const misfits = works ? await scanner.misfits() : [];
  if (misfits.length > 0) throw new Error(misfits.join("\n"));

  const database = await openTruth(role, config, onError("database connection failed"));
  const registry = new Registry();
  const meter = workMeter(registry);
  const store = within("store", meteredStore(jobStore(database.db), meter));

  const redis = await openRedis(redisAddress(config), { ephemeral: config.REDIS_EPHEMERAL, log });
  const { producer, consumer } = redis;
  const prefix = config.QUEUE_PREFIX;
  const queueOf = (lane: Lane) =>
    within("queue", laneQueue({ lane, prefix, connection: producer, onError: onError(`queue ${lane} failed`) }));
  const queues = { office: queueOf("office"), light: queueOf("light") };
  const ends = announcements({ prefix, publisher: producer, subscriber: consumer(), onError: onError("announcement failed") });

  const boxes = within(
    "boxes",
    boxPool(chosen, {
      allowBare: config.ALLOW_BARE_ENGINES,
      onError: onError("boxes were not found"),
      onBroken: (box, reason) => securityEvent(log, "box-broken", { box, reason }),
    }),
  );
  const laneBoxes = laneBoxStore(database.db);
  const slots = laneSlots(laneBoxes);
  const dispatch = within("dispatch", dispatcher({ store, queues, slots: slots.of, onError: onError("dispatch failed") }));
  const optionsKey = sealingKey(config);

  const r2Store = r2({
    endpoint: config.R2_ENDPOINT,
    accessKeyId: config.R2_ACCESS_KEY_ID,
    secretAccessKey: config.R2_SECRET_ACCESS_KEY,
    buckets: { uploads: config.UPLOADS_BUCKET, results: config.RESULTS_BUCKET },
  });
  const objects = within("objects", r2Store);
  const graceMs = config.SHUTDOWN_GRACE_MS;
  const work = {
    prefix,
    consumer,
    queues,
    dispatch,
    laneBoxes,
    slots,
    graceMs,
    store,
    tools: {
      objects,
      scanner,
      boxes,
      quarantine: quarantineOf(database.db, config.QUARANTINE_HOURS),
      chargePages: chargePages.bind(null, database.db),
    },
    forgetAnswers: () => forgetAnswers(database.db),
    optionsKey,
    announceEnd: ends.announceEnd,
    ran: meter.ran,
    serviceClass: serviceClassOf(database.db),
    onEnd: ends.onEnd,
    log,
  };
  const startRetaining = () => startRetention({ db: database.db, objects, onError: onError("retention failed") });
  const workPhases = works ? [{ name: "stop retention", limitMs: 10_000, run: startRetaining().stop }, ...(await startWorking(work))] : [];

  const stopping = new AbortController();
  const health = healthOf({ database, redis: producer, stopping: stopping.signal, role, store, slots, scanner, boxes });
  const loads = laneLoads({ jobsMax: config.LANE_JOBS_MAX, waitMaxMs: config.LANE_WAIT_MAX_MINUTES * 60_000 });
  const jobs = {
    createJob: { db: database.db, optionsKey, lanes: loads, wake: dispatch.wake },
    getJob: { store, ended: ends, place: loads.place.bind(null, database.db) },
    announceEnd: ends.announceEnd,
    jobEnded: meter.ended,
  };
  const healthDetail = healthDetailOf({ role, database, redis: producer, laneBoxes, scanner, dataDir: config.DATA_DIR });
  const openInside = async (port: number): Promise<Listening> => {
    const state = kept(stateKeptMs, () => readState({ database, redis: producer, laneBoxes }));
    const app = insideApp({ log, health, metrics: exposition(registry, state), healthDetail });
    return serve(app, { host: config.METRICS_HOST, port });
  };
  const inside = config.METRICS_PORT === undefined ? undefined : await openInside(config.METRICS_PORT);
  const edgeKey = Buffer.from(config.EDGE_KEY);
  const edgeKeys = [edgeKey, ...(config.EDGE_KEY_ALSO === undefined ? [] : [Buffer.from(config.EDGE_KEY_ALSO)])];
  const startPush = () => {
    const send = sendSnapshot({ edgeUrl: config.EDGE_URL ?? config.PUBLIC_URL, edgeKey });
    return accountPush({ db: database.db, send, onError: onError("the edge was not told of a change") });
  };
  const openApi = async () => {
    const auth = await authOf({ db: database.db, redis: producer, log, config });
    const push = startPush();
    const keyUse = noteKeyUse({ db: database.db, onError: onError("the use of a key was not noted") });
    const accounts = { db: database.db, optionsKey, push, issueToken: auth.issueToken, auth, objects, healthDetail };
    const { forgetSessions } = auth;
    const tidying = keepTidy({ db: database.db, objects, forgetSessions }, onError("people were not tidied up"));
    const app = apiApp({ log, health, edgeKeys, noteKeyUse: keyUse, stopping: stopping.signal, ...jobs, ...accounts });
    const phases = [
      { name: "push no more", limitMs: 3_500, run: push.stop },
      { name: "send what mail is left", limitMs: 5_000, run: () => Promise.all([auth.close(4_000), tidying.stop()]) },
    ];
    return { app, phases };
  };
  const { app, phases: apiPhases } = role === "worker" ? { app: healthApp({ log, health }), phases: [] } : await openApi();
  const listening = await serve(app, { host: config.HOST, port: config.PORT });

  const leave = () => {
    listening.endConnections();
    return sleep(config.LEAVE_MS);
  };
  /** First no new connection: those who look for another process then never hear that this one stops. */
  const closeDoors = () => {
    const closed = listening.close();
    stopping.abort();
    return closed;
  };
  const closeConnections = async () => {
    await inside?.close();
    await Promise.all([...lanes.map((lane) => queues[lane].close()), boxes.close(), objects.close()]);
    redis.close();
    await database.close();
  };
  return {
    port: listening.port,
    phases: [
      ...(config.LEAVE_MS > 0
        ? [
            { name: "refuse readiness", limitMs: 100, run: () => stopping.abort() },
            { name: "let requests go elsewhere", limitMs: config.LEAVE_MS + 500, run: leave },
          ]
        : []),
      { name: "close doors", limitMs: 3_000, run: closeDoors },
      ...apiPhases,
      ...workPhases,
      { name: "close connections", limitMs: 5_000, run: closeConnections },
    ],
  };
}

const sealingKey = ({ OPTIONS_KEY, OPTIONS_KEY_ALSO }: Config): SealingKey => {
  const key = Buffer.from(OPTIONS_KEY, "base64");
  return OPTIONS_KEY_ALSO === undefined ? key : [key, Buffer.from(OPTIONS_KEY_ALSO, "base64")];
};

const redisAddress = ({ REDIS_URL, REDIS_TLS_CA, REDIS_SENTINEL_PASSWORD }: Config) => ({
  url: REDIS_URL,
  tlsCa: REDIS_TLS_CA,
  sentinelPassword: REDIS_SENTINEL_PASSWORD,
});

/** The database, with the schema of this release. */
async function openTruth(role: RunningRole, config: Config, onError: (error: Error) => void): Promise<OpenDatabase> {
  if (config.DATABASE_URL === undefined && role !== "all") {
    throw new Error(
      `The role ${role} needs DATABASE_URL: the embedded database belongs to one process, which must be api and worker (role all).`,
    );
  }
  const database = await openDatabase({ url: config.DATABASE_URL, dataDir: config.DATA_DIR, onError });
  if (role === "all") await prepare(database);
  else if (await database.outdated()) throw new Error("The database lacks migrations of this release: run the role `migrate` first.");
  return database;
}
