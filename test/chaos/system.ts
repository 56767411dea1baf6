// The whole system with two of what there may be several of, every part a process that a supervisor starts again, as `npm start` does.
import { randomBytes } from "node:crypto";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lane } from "#contract/operation.ts";
import { type OpenDatabase, openDatabase } from "#origin/db/database.ts";
import { prepare } from "#origin/db/prepare.ts";
import { r2 } from "#origin/storage/r2.ts";
import { boxParts } from "#scripts/stack/boxes.ts";
import { clamdPart, clamdSocket } from "#scripts/stack/clamd.ts";
import { edgePart } from "#scripts/stack/edge.ts";
import { type Part, plainEnvironment } from "#scripts/stack/part.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { expectOk } from "#scripts/stack/probe.ts";
import { redisPart, redisUrl } from "#scripts/stack/redis.ts";
import { readOrMakeSecrets } from "#scripts/stack/secrets.ts";
import { testSignatures } from "#scripts/stack/signatures.ts";
import { Supervised } from "#scripts/stack/supervised.ts";
import { localEdgeSecrets, localJwt, localPeople, localR2Endpoint, localWranglerConfig } from "#scripts/stack/wrangler-config.ts";
import { startBalancer } from "#test/support/balancer.ts";
import { postgresPart } from "#test/support/postgres.ts";
import { openJournal } from "./journal.ts";

export type SystemOptions = {
  root: string;
  folder: string;
  broken: string | undefined;
  log: (line: string) => void;
  /** Takes what ends a part, as soon as it runs. */
  onStop: (stop: () => Promise<unknown> | unknown) => void;
};

export type Victim = {
  name: string;
  supervised: Supervised;
  /** Resolves when it does its work again, and throws when that takes too long. */
  working(): Promise<void>;
};
export type System = Awaited<ReturnType<typeof startSystem>>;

const counts = { office: 2, light: 2 };
const queuePrefix = "chaos";
/** Small enough to be filled in a moment, and of memory as every workspace. */
const workspaceBytes = 64_000_000;
const lookAgainMs = 20;

export async function startSystem({ root, folder, broken, log, onStop }: SystemOptions) {
  const place = (name: string) => join(folder, name);
  const logOf = (name: string) => place(`${name}.log`);
  await mkdir(place("state"), { recursive: true });
  const secrets = await readOrMakeSecrets(place("state"));
  const ports = { edge: await freePort(), inspector: await freePort() };
  const redisPort = await freePort();
  const apiPorts = [await freePort(), await freePort()];
  const balancer = await startBalancer(apiPorts);
  onStop(balancer.stop);
  const local = { edge: ports.edge, origin: balancer.port };
  const wrangler = localWranglerConfig({ root, ports: local, credentials: secrets, jwt: localJwt(local) });

  const start = (part: Part): Victim => {
    // Whatever happens to this process, the house goes with it.
    const command = ["setpriv", "--pdeathsig", "KILL", "--", ...part.command] as const;
    const supervised = new Supervised({ ...part, command }, { restart: true, log });
    onStop(() => supervised.stop());
    const working = async () => {
      for (const until = Date.now() + part.readyWithinMs; ; await sleep(lookAgainMs)) {
        const fault = await part.probe(AbortSignal.timeout(3_000)).then(
          () => undefined,
          (error: unknown) => error,
        );
        if (fault === undefined) return;
        if (Date.now() > until) throw new Error(`${part.name} does not come back`, { cause: fault });
      }
    };
    return { name: part.name, supervised, working };
  };

  // PostgreSQL runs as somebody else, who must find its data.
  await chmod(folder, 0o711);
  await mkdir(place("postgres"));
  // As it is in production: what was committed is there after a crash.
  const cluster = await postgresPart({ folder: place("postgres"), settings: { fsync: "on" } });
  const postgres = start({ ...cluster.part, stopWithinMs: 5_000 });
  const redis = start(redisPart({ dir: place("redis"), port: redisPort, logPath: logOf("redis") }, process.env));
  const clamdOptions = { dir: place("clamd"), signatures: testSignatures(place("signatures")), logPath: logOf("clamd") };
  const clamd = start(clamdPart(clamdOptions, process.env));
  const edgeOptions = { root, dir: place("edge"), port: ports.edge, inspectorPort: ports.inspector, config: wrangler };
  const edge = start(edgePart({ ...edgeOptions, secrets: localEdgeSecrets(secrets), logPath: logOf("edge") }, process.env));
  const python = join(root, ".trusty/tools/unoserver/bin/python");
  const named = boxParts({ root, sockets: place("run"), python, counts, logOf, workspaceBytes }, process.env);
  const boxes = named.map(({ lane, address, part }) => ({ ...start(part), lane, address }));
  await Promise.all([postgres.working(), edge.working()]);

  const database: OpenDatabase = await openDatabase({ url: cluster.url, dataDir: "", onError: () => {} });
  onStop(() => database.close());
  await prepare(database);
  const storage = {
    endpoint: localR2Endpoint(ports.edge),
    accessKeyId: secrets.r2AccessKeyId,
    secretAccessKey: secrets.r2SecretAccessKey,
    buckets: { uploads: wrangler.vars.UPLOADS_BUCKET, results: wrangler.vars.RESULTS_BUCKET },
  };
  const objects = r2(storage);
  onStop(objects.close);

  await Promise.all([redis, clamd, ...boxes].map((victim) => victim.working()));
  const addressesOf = (lane: Lane) => boxes.filter((box) => box.lane === lane).map(({ address }) => address);
  const shared = {
    DATABASE_URL: cluster.url,
    REDIS_URL: redisUrl({ port: redisPort }),
    QUEUE_PREFIX: queuePrefix,
    EDGE_KEY: secrets.edgeKey,
    OPTIONS_KEY: secrets.optionsKey,
    ...localPeople(ports.edge, secrets),
    AUTH_SECRET: randomBytes(32).toString("base64"),
    R2_ENDPOINT: storage.endpoint,
    R2_ACCESS_KEY_ID: storage.accessKeyId,
    R2_SECRET_ACCESS_KEY: storage.secretAccessKey,
    UPLOADS_BUCKET: storage.buckets.uploads,
    RESULTS_BUCKET: storage.buckets.results,
    CLAMD: `unix:${clamdSocket(place("clamd"))}`,
    ALLOW_TEST_SIGNATURES: "1",
    OFFICE_BOXES: addressesOf("office").join(","),
    LIGHT_BOXES: addressesOf("light").join(","),
    CHAOS_FOLDER: folder,
    ...(broken !== undefined && { CHAOS_BREAK: broken }),
  };
  const origin = (role: "api" | "worker", name: string, port: number): Victim =>
    start({
      name,
      command: [process.execPath, join(root, "test/chaos/origin.ts"), role],
      environment: { ...plainEnvironment(process.env), ...shared, CHAOS_NAME: name, PORT: `${port}` },
      logPath: logOf(name),
      probe: (signal) => expectOk(`http://127.0.0.1:${port}`, "/health/ready", signal),
      readyWithinMs: 90_000,
      stopWithinMs: 40_000,
    });
  const apis = apiPorts.map((port, index) => origin("api", `api-${index + 1}`, port));
  const workers = [origin("worker", "worker-1", await freePort()), origin("worker", "worker-2", await freePort())];
  await Promise.all([...apis, ...workers].map((victim) => victim.working()));

  return {
    folder,
    journal: openJournal(folder),
    address: `http://127.0.0.1:${ports.edge}`,
    local: { originPort: balancer.port, edgeKey: secrets.edgeKey },
    db: database.db,
    objects,
    storage,
    redis: { url: redisUrl({ port: redisPort }), prefix: queuePrefix },
    parts: { postgres, redis, clamd, edge, boxes, apis, workers },
    all: [postgres, redis, clamd, edge, ...boxes, ...apis, ...workers],
  };
}

/** Ends the part's whole group at once; its supervisor starts it again. */
export function killGroup({ supervised }: Pick<Victim, "supervised">): number {
  const { pid } = supervised;
  if (pid === undefined) throw new Error(`${supervised.part.name} does not run`);
  process.kill(-pid, "SIGKILL");
  return pid;
}
