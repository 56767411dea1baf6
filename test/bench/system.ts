// The whole system on ports and in folders of its own, with every part a process of its own.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileBytesMaxOfAllTiers, type TierName } from "#contract/tiers.ts";
import { startBox } from "#scripts/stack/box.ts";
import { clamdPart, clamdSocket } from "#scripts/stack/clamd.ts";
import { edgePart } from "#scripts/stack/edge.ts";
import { localKey } from "#scripts/stack/local-key.ts";
import { originPart } from "#scripts/stack/origin.ts";
import type { Part } from "#scripts/stack/part.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { redisPart, redisUrl } from "#scripts/stack/redis.ts";
import { readOrMakeSecrets } from "#scripts/stack/secrets.ts";
import { chooseSignatures } from "#scripts/stack/signatures.ts";
import { localEdgeSecrets, localJwt, localPeople, localR2Endpoint, localWranglerConfig } from "#scripts/stack/wrangler-config.ts";
import { startPostgres } from "#test/support/postgres.ts";
import { type Started, startPart } from "#test/support/start-part.ts";
import { unhurried } from "#test/support/unhurried.ts";
import { boxProfiled, endWithProfile, profiled } from "./profile.ts";
import type { Roots } from "./usage.ts";

export type SystemOptions = {
  root: string;
  folder: string;
  python: string;
  officeBoxes: number;
  /** Documents that a LibreOffice converts before it is replaced; without it, none is during a run. */
  officeDocumentsMax?: number;
  /** api and worker collect their garbage every second. */
  tidy?: boolean;
  /** Where the api, the worker and the boxes write their processor profiles. */
  profile?: string;
  /** Takes what ends a part, as soon as it runs. */
  onStop: (stop: () => Promise<unknown> | unknown) => void;
};

export type System = {
  address: string;
  token: string;
  /** For other accounts than the bench's own. */
  tokenOf(account: string, tier: TierName): Promise<string>;
  /** Process ids of the office boxes' launchers. */
  officeBoxes: number[];
  /** Of all boxes' launchers. */
  boxes: number[];
  databaseUrl: string;
  redisUrl: string;
  roots: Omit<Roots, "bare LibreOffice">;
  signatures: "official" | "test only";
};

export async function startSystem(options: SystemOptions): Promise<System> {
  const { root, folder, python, officeBoxes, officeDocumentsMax = 1_000_000, tidy = false, profile, onStop } = options;
  const place = (name: string) => join(folder, name);
  const kept = <S extends { stop(): unknown }>(started: S): S => {
    onStop(() => started.stop());
    return started;
  };
  const start = async (part: Part): Promise<Started> => kept(await startPart(part, { url: "" }));
  const [edgePort, inspectorPort, redisPort, apiPort, workerPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  await mkdir(place("state"), { recursive: true });
  const secrets = await readOrMakeSecrets(place("state"));
  const signatures = chooseSignatures(place("signatures"));
  const ports = { edge: edgePort, origin: apiPort };
  const wrangler = localWranglerConfig({ root, ports, credentials: secrets, jwt: localJwt(ports) });
  const edge = { root, dir: place("edge"), port: edgePort, inspectorPort, config: wrangler, secrets: localEdgeSecrets(secrets) };
  const box = async (lane: "office" | "light") => {
    const env = {
      BOX_INPUT_BYTES_MAX: `${fileBytesMaxOfAllTiers}`,
      // replacing LibreOffice would fall into rounds at random; its price is told apart
      OFFICE_DOCUMENTS_MAX: `${officeDocumentsMax}`,
      ...(profile && boxProfiled),
    };
    const running = await startBox({ repo: root, lanes: [lane], env, readyMs: 90_000, ...(lane === "office" && { python }) });
    onStop(async () => {
      if (profile) await endWithProfile(running, join(profile, "boxes"));
      await running.stop();
    });
    return running;
  };

  const [postgres, redis, clamd, edgeRuns, office, light] = await Promise.all([
    startPostgres().then(kept),
    start(redisPart({ dir: place("redis"), port: redisPort, logPath: place("redis.log") }, process.env)),
    start(clamdPart({ dir: place("clamd"), signatures, logPath: place("clamd.log") }, process.env)),
    start(edgePart({ ...edge, logPath: place("edge.log") }, process.env)),
    Promise.all(Array.from({ length: officeBoxes }, () => box("office"))),
    box("light"),
  ]);

  const variables = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redisUrl({ port: redisPort }),
    EDGE_KEY: secrets.edgeKey,
    OPTIONS_KEY: secrets.optionsKey,
    ...localPeople(edgePort, secrets),
    AUTH_SECRET: randomBytes(32).toString("base64"),
    PUBLIC_URL: `http://127.0.0.1:${edgePort}`,
    R2_ENDPOINT: localR2Endpoint(edgePort),
    R2_ACCESS_KEY_ID: secrets.r2AccessKeyId,
    R2_SECRET_ACCESS_KEY: secrets.r2SecretAccessKey,
    UPLOADS_BUCKET: wrangler.vars.UPLOADS_BUCKET,
    RESULTS_BUCKET: wrangler.vars.RESULTS_BUCKET,
    CLAMD: `unix:${clamdSocket(place("clamd"))}`,
    OFFICE_BOXES: office.map(({ address }) => address).join(","),
    LIGHT_BOXES: light.address,
    SHUTDOWN_GRACE_MS: "1000",
    ...(signatures.testOnly && { ALLOW_TEST_SIGNATURES: "1" }),
    ...(process.env.ALLOW_BARE_ENGINES === "1" && { ALLOW_BARE_ENGINES: "1" }),
  };
  const origin = (role: "migrate" | "api" | "worker", port: number): Part => {
    const part = originPart({ root, port, variables, logPath: place(`${role}.log`) }, process.env);
    const tidily = tidy ? ["--expose-gc", "--import", join(root, "test/bench/collect-garbage.ts")] : [];
    const flags = [...tidily, ...(profile ? profiled(join(profile, role)) : [])];
    const command = [process.execPath, ...flags, join(root, "origin/main.ts"), role] as const;
    return { ...part, name: role, command };
  };
  await migrate(origin("migrate", 0));
  const [api, worker] = await Promise.all([start(origin("api", apiPort)), start(origin("worker", workerPort))]);

  const tokenOf = async (account: string, tier: TierName) => {
    const origin = { originPort: apiPort, edgeKey: secrets.edgeKey };
    return (await localKey(origin, { account, tier, minutes: 120, limits: unhurried })).key;
  };
  const boxes = [...office, light].flatMap(({ child }) => child.pid ?? []);
  return {
    address: `http://127.0.0.1:${edgePort}`,
    token: await tokenOf("bench", "enterprise"),
    tokenOf,
    officeBoxes: office.flatMap(({ child }) => child.pid ?? []),
    boxes,
    databaseUrl: postgres.url,
    redisUrl: variables.REDIS_URL,
    signatures: signatures.testOnly ? "test only" : "official",
    roots: {
      "edge + R2 emulator": [edgeRuns.pid],
      api: [api.pid],
      worker: [worker.pid],
      Redis: [redis.pid],
      PostgreSQL: [postgres.pid],
      clamd: [clamd.pid],
      "boxes without LibreOffice": boxes,
    },
  };
}

async function migrate({ command: [program, ...argv], environment }: Part): Promise<void> {
  await promisify(execFile)(program, argv, { env: environment });
}
