// Several api and worker processes on one PostgreSQL, one Redis, one clamd and the same boxes, behind one edge.
import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { openDatabase } from "#origin/db/database.ts";
import { localKey } from "#scripts/stack/local-key.ts";
import { type Part, plainEnvironment } from "#scripts/stack/part.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { expectOk } from "#scripts/stack/probe.ts";
import { startEdge } from "#test/edge/support/start-edge.ts";
import { startBalancer } from "#test/support/balancer.ts";
import { startBoxes } from "#test/support/boxes.ts";
import { startClamd } from "#test/support/clamd.ts";
import { startRedis } from "#test/support/redis.ts";
import { startPart, temporaryFolder } from "#test/support/start-part.ts";
import { freshPostgres } from "./fresh-database.ts";

const root = join(import.meta.dirname, "../../..");

type FleetOptions = {
  apis: number;
  workers: number;
  lightBoxes: number;
  /** More of the origin's variables, or others than the fleet's own. */
  variables?: Record<string, string>;
  /** A command that runs the workers. */
  within?: readonly [program: string, ...argv: string[]];
};

export async function startFleet({ apis, workers, lightBoxes, variables = {}, within }: FleetOptions) {
  const apiPorts = await Promise.all(Array.from({ length: apis }, () => freePort()));
  const balanced = [...apiPorts];
  const balancer = await startBalancer(balanced);
  const [postgres, redis, clamd, edge, boxes, folder] = await Promise.all([
    freshPostgres(),
    startRedis(),
    startClamd(),
    startEdge({ originPort: balancer.port }),
    startBoxes({ office: 0, light: lightBoxes }),
    temporaryFolder("fleet"),
  ]);
  const database = await openDatabase({ ...postgres, onError: () => {} });

  const shared = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    QUEUE_PREFIX: `test-${randomBytes(4).toString("hex")}`,
    EDGE_KEY: edge.edgeKey,
    EDGE_URL: edge.url,
    PUBLIC_URL: edge.url,
    OPTIONS_KEY: randomBytes(32).toString("base64"),
    AUTH_SECRET: randomBytes(32).toString("base64"),
    MAIL: "log",
    ...edge.signing,
    UPLOADS_BUCKET: "trustyconvert-uploads",
    RESULTS_BUCKET: "trustyconvert-results",
    CLAMD: clamd.url,
    ALLOW_TEST_SIGNATURES: "1",
    LOG_LEVEL: "info",
    ...variables,
  };
  /** Only workers know boxes. */
  const workerVariables = { LIGHT_BOXES: boxes.light.join(","), ...variables };
  async function start(role: "api" | "worker", index: number, port: number, more: Record<string, string> = {}) {
    const logPath = join(folder, `${role}-${index}.log`);
    const program = [process.execPath, join(root, "origin/main.ts"), role] as const;
    const part: Part = {
      name: role,
      command: role === "worker" && within ? [...within, ...program] : program,
      environment: { ...plainEnvironment(process.env), ...shared, ...(role === "worker" && workerVariables), ...more, PORT: `${port}` },
      logPath,
      probe: (signal) => expectOk(`http://127.0.0.1:${port}`, "/health/live", signal),
      readyWithinMs: 60_000,
      stopWithinMs: 30_000,
    };
    const started = await startPart(part, { url: `http://127.0.0.1:${port}` });
    return {
      ...started,
      /** The log's lines, as far as they are whole. */
      events: async () =>
        (await readFile(logPath, "utf8"))
          .split("\n")
          .filter((line) => line.startsWith("{") && line.endsWith("}"))
          .map((line): Record<string, unknown> => JSON.parse(line)),
    };
  }
  const running = await Promise.all([
    ...apiPorts.map((port, index) => start("api", index, port)),
    ...Array.from({ length: workers }, async (_, index) => start("worker", index, await freePort())),
  ]);
  for (const account of ["acme", "rival"])
    await localKey({ originPort: balancer.port, edgeKey: edge.edgeKey }, { account, tier: "enterprise", minutes: 60 });

  return {
    edge,
    variables: shared,
    /** Where the edge reaches the apis, by turns. */
    apiPort: balancer.port,
    /** The api again with other variables: it is taken out of the turn and drained first, as load balancers do, and comes back when it is ready. */
    async restartApi(index: number, changes: Record<string, string>) {
      const port = apiPorts[index] ?? 0;
      balanced.splice(balanced.indexOf(port), 1);
      await balancer.drained(port);
      await running[index]?.stop();
      running[index] = await start("api", index, port, changes);
      balanced.push(port);
    },
    async addWorker(changes: Record<string, string>) {
      running.push(await start("worker", running.length, await freePort(), changes));
    },
    db: database.db,
    redis,
    prefix: shared.QUEUE_PREFIX,
    apis: running.slice(0, apis),
    workers: running.slice(apis),
    /** How many requests each api answered. */
    served: balancer.served,
    async stop() {
      await Promise.all(running.map((each) => each.stop()));
      await database.close();
      await Promise.all([balancer.stop(), edge.stop(), boxes.stop(), clamd.stop(), redis.stop(), postgres.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
