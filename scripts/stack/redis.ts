import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Part, plainEnvironment } from "./part.ts";
import { expectAnswer } from "./probe.ts";

export type RedisOptions = { dir: string; port: number; logPath: string; password?: string };

/** Redis as the queue needs it: loopback only, append-only file, and it refuses writes rather than forget a job. */
export const redisConfig = ({ dir, port, password }: Omit<RedisOptions, "logPath">): string =>
  [
    "bind 127.0.0.1",
    `port ${port}`,
    `dir "${dir}"`,
    "daemonize no",
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    "maxmemory-policy noeviction",
    ...(password ? [`requirepass ${password}`] : []),
    "",
  ].join("\n");

export const redisUrl = ({ port, password }: Pick<RedisOptions, "port" | "password">): string =>
  `redis://${password ? `:${password}@` : ""}127.0.0.1:${port}`;

export function redisPart(options: RedisOptions, inherited: Record<string, string | undefined>): Part {
  const { dir, port, password, logPath } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const configPath = join(dir, "redis.conf");
  writeFileSync(configPath, redisConfig(options));
  chmodSync(configPath, 0o600);
  return {
    name: "redis",
    command: ["redis-server", configPath],
    environment: plainEnvironment(inherited),
    logPath,
    // Of the two answers only the last matters; without a password there is just one.
    probe: (signal) =>
      expectAnswer({ host: "127.0.0.1", port }, password ? `AUTH ${password}\r\n` : "PING\r\n", password ? "+OK" : "+PONG", signal),
    readyWithinMs: 30_000,
    stopWithinMs: 5_000,
  };
}
