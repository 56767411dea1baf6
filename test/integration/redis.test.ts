// Redis as it is run in production: what the start refuses, warns of, and reaches.
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { pino } from "pino";
import { afterEach, describe, expect, test } from "vitest";
import { openRedis } from "#origin/queue/open-redis.ts";
import type { RedisAddress } from "#origin/queue/redis-address.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { startRedisServer } from "#test/support/redis-server.ts";
import { temporaryFolder } from "#test/support/start-part.ts";

const run = promisify(execFile);
const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanup.splice(0).reverse()) await each();
});

async function redisWith(...lines: string[]): Promise<RedisAddress> {
  const port = await freePort();
  const server = await startRedisServer(port, [`port ${port}`, ...lines]);
  cleanup.push(() => server.stop());
  return { url: server.url };
}

/** What was logged, and the connection when there is one. */
async function opened(address: RedisAddress, ephemeral = false) {
  const lines: { level: number; msg: string }[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const redis = await openRedis(address, { ephemeral, log });
  cleanup.push(() => redis.close());
  return { redis, warnings: () => lines.filter(({ level }) => level === 40).map(({ msg }) => msg), lines };
}

describe("the start", () => {
  test("refuses a Redis that evicts keys, and names the setting and its value", async () => {
    const address = await redisWith("appendonly yes", "maxmemory-policy allkeys-lru");
    await expect(opened(address)).rejects.toThrow(/maxmemory-policy allkeys-lru.*noeviction/);
  });

  test("refuses it also where CONFIG is forbidden, as managed servers do", async () => {
    const address = await redisWith("maxmemory-policy volatile-lru", 'rename-command CONFIG ""');
    await expect(opened(address)).rejects.toThrow("maxmemory-policy volatile-lru");
  });

  test("warns of a Redis without an append-only file, unless that is meant", async () => {
    const address = await redisWith("appendonly no", "maxmemory-policy noeviction");
    expect((await opened(address)).warnings()).toEqual([expect.stringContaining("appendonly no")]);
    expect((await opened(address, true)).warnings()).toEqual([]);
  });

  test("says nothing about a Redis that is as it should be", async () => {
    expect((await opened(await redisWith("appendonly yes", "maxmemory-policy noeviction"))).lines).toEqual([]);
  });

  test("tells of a setting that was changed for the worse, when it connects again", async () => {
    const { redis, lines } = await opened(await redisWith("appendonly yes", "maxmemory-policy noeviction"));
    await redis.producer.config("SET", "maxmemory-policy", "allkeys-lru");
    redis.producer.disconnect(true);
    await expect.poll(() => lines).toContainEqual(expect.objectContaining({ level: 50, msg: expect.stringContaining("allkeys-lru") }));
  });
});

describe("Redis behind TLS", () => {
  async function tlsRedis() {
    const folder = await temporaryFolder("tls");
    cleanup.push(() => rm(folder, { recursive: true, force: true }));
    const at = (file: string) => join(folder, file);
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1", "-nodes"];
    await run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-keyout", at("key.pem"), "-out", at("ca.pem"), ...subject]);
    const [plain, tls] = [await freePort(), await freePort()];
    const certificate = [`tls-cert-file ${at("ca.pem")}`, `tls-key-file ${at("key.pem")}`, `tls-ca-cert-file ${at("ca.pem")}`];
    const settings = ["appendonly yes", "maxmemory-policy noeviction", "requirepass s3cr3t/@", "tls-auth-clients no", ...certificate];
    // The plain port is there only for the test to see that the server is up.
    const server = await startRedisServer(plain, [`port ${plain}`, `tls-port ${tls}`, ...settings], []);
    cleanup.push(() => server.stop());
    return { url: `rediss://:${encodeURIComponent("s3cr3t/@")}@127.0.0.1:${tls}`, tlsCa: at("ca.pem") };
  }

  test("is reached with the authority that signed it", async () => {
    const { redis } = await opened(await tlsRedis());
    expect(await redis.producer.ping()).toBe("PONG");
    const waiting = redis.consumer();
    expect(await waiting.ping()).toBe("PONG");
  });

  test("is not believed without it, and the message says why and tells no password", async () => {
    const { url } = await tlsRedis();
    const refused = await opened({ url }).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(refused).toMatch(/self[- ]signed/i);
    expect(refused).not.toContain("s3cr3t");
  });
});
