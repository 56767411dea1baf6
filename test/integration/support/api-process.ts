// Origins of the role api as processes of their own, which can be killed, on one PostgreSQL and one Redis.
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Part, plainEnvironment } from "#scripts/stack/part.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { expectOk } from "#scripts/stack/probe.ts";
import { startRedis } from "#test/support/redis.ts";
import { type Started, startPart, temporaryFolder } from "#test/support/start-part.ts";
import { type Asserted, asserted } from "./assert.ts";

const root = join(import.meta.dirname, "../../..");

export type Api = { port: number; edgeKey: string; call: Asserted; kill(): Promise<void>; start(): Promise<void> };

/** `more`: variables beside what an api needs. */
export async function startApis(databaseUrl: string, count: number, more: Record<string, string> = {}) {
  const redis = await startRedis();
  const edgeKey = randomBytes(32).toString("hex");
  const shared = {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
    QUEUE_PREFIX: `test-${randomBytes(4).toString("hex")}`,
    EDGE_KEY: edgeKey,
    OPTIONS_KEY: randomBytes(32).toString("base64"),
    AUTH_SECRET: randomBytes(32).toString("base64"),
    PUBLIC_URL: "http://127.0.0.1:9",
    MAIL: "log",
    R2_ENDPOINT: "http://127.0.0.1:9",
    R2_ACCESS_KEY_ID: "none",
    R2_SECRET_ACCESS_KEY: "none",
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "error",
    ...more,
  };
  const running: Started[] = [];
  const folders: string[] = [];

  async function api(index: number): Promise<Api> {
    const port = await freePort();
    const folder = await temporaryFolder("api");
    folders.push(folder);
    const part: Part = {
      name: "api",
      command: [process.execPath, join(root, "origin/main.ts"), "api"],
      environment: { ...plainEnvironment(process.env), ...shared, PORT: `${port}` },
      logPath: join(folder, "api.log"),
      probe: (signal) => expectOk(`http://127.0.0.1:${port}`, "/health/ready", signal),
      readyWithinMs: 60_000,
      stopWithinMs: 5_000,
    };
    const start = async () => {
      running[index] = await startPart(part, { url: `http://127.0.0.1:${port}` });
    };
    await start();
    return {
      port,
      edgeKey: shared.EDGE_KEY,
      call: asserted({ edgeKey: shared.EDGE_KEY, fetch, origin: `http://127.0.0.1:${port}` }),
      start,
      async kill() {
        running[index]?.kill();
        await running[index]?.stop();
      },
    };
  }

  const apis = await Promise.all(Array.from({ length: count }, (_, index) => api(index)));
  return {
    apis,
    async stop() {
      await Promise.all(running.map((each) => each.stop()));
      await redis.stop();
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}
