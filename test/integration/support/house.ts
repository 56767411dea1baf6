// An origin in this process on real Redis, a real clamd, real boxes, a real edge with its object store, and the database of the test's choice.
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { type Config, parseConfig } from "#origin/config.ts";
import { openLog } from "#origin/log.ts";
import { runPhases } from "#origin/shutdown.ts";
import { wire } from "#origin/wire.ts";
import { localKey } from "#scripts/stack/local-key.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { startEdge } from "#test/edge/support/start-edge.ts";
import { startBoxes } from "#test/support/boxes.ts";
import { startClamd } from "#test/support/clamd.ts";
import { startRedis } from "#test/support/redis.ts";
import { temporaryFolder } from "#test/support/start-part.ts";
import { copyPglite } from "./fresh-database.ts";

type HouseOptions = {
  databaseUrl?: string;
  officeBoxes?: number;
  /** More of the origin's variables, or others than the house's own. */
  variables?: Record<string, string>;
  /** Sees every line of the log. */
  onLog?(line: string): void;
};

export async function startHouse({ databaseUrl, officeBoxes = 1, variables = {}, onLog }: HouseOptions) {
  const originPort = await freePort();
  const [redis, clamd, edge, boxes, folder] = await Promise.all([
    startRedis(),
    startClamd(),
    startEdge({ originPort }),
    startBoxes({ office: officeBoxes, light: 1 }),
    temporaryFolder("house"),
  ]);
  const dataDir = join(folder, "data");
  if (databaseUrl === undefined) await copyPglite(dataDir);
  const config: Config = parseConfig({
    PORT: `${originPort}`,
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    REDIS_URL: redis.url,
    QUEUE_PREFIX: `test-${randomBytes(4).toString("hex")}`,
    EDGE_KEY: edge.edgeKey,
    OPTIONS_KEY: randomBytes(32).toString("base64"),
    AUTH_SECRET: randomBytes(32).toString("base64"),
    PUBLIC_URL: "http://127.0.0.1:8787",
    ...edge.signing,
    UPLOADS_BUCKET: "trustyconvert-uploads",
    RESULTS_BUCKET: "trustyconvert-results",
    CLAMD: clamd.url,
    ALLOW_TEST_SIGNATURES: "1",
    OFFICE_BOXES: boxes.office.join(","),
    LIGHT_BOXES: boxes.light.join(","),
    SHUTDOWN_GRACE_MS: "2000",
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "silent",
    ...variables,
  });
  const log = onLog ? pino({ level: "info" }, { write: onLog }) : openLog(config.LOG_LEVEL, "all");
  const stopParts = () => Promise.all([redis.stop(), clamd.stop(), edge.stop(), boxes.stop()]);
  let origin = await wire("all", config, log).catch(async (error) => {
    await stopParts();
    throw error;
  });

  // The edge's test issuer speaks for accounts that must be there.
  const local = { originPort, edgeKey: edge.edgeKey };
  for (const account of ["acme", "rival"]) await localKey(local, { account, tier: "premium", minutes: 60 });

  const house = {
    edge,
    config,
    redis,
    clamd,
    boxes,
    /** Stops the origin in order and starts it again on the same stores. */
    async restartOrigin(meanwhile: () => Promise<void> = async () => {}) {
      await runPhases(origin.phases, log);
      await meanwhile();
      origin = await wire("all", config, log);
    },
    async stop() {
      await runPhases(origin.phases, log);
      await Promise.all([redis.stop(), house.clamd.stop(), edge.stop(), boxes.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
  return house;
}

export type House = Awaited<ReturnType<typeof startHouse>>;
