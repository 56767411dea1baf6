// Connections to Redis, with the two temperaments that BullMQ needs.
import { Redis } from "ioredis";

/** BullMQ's own back-off reaches 20 s; jobs should flow a second after Redis is back. */
const retryStrategy = (times: number): number => Math.min(1_000, 50 * 2 ** Math.min(times, 5));

/** For those who must answer soon: a command fails when Redis is away, and is not kept for later. */
export function producerConnection(url: string, onError: (error: Error) => void): Redis {
  return listening(
    new Redis(url, { retryStrategy, enableOfflineQueue: false, maxRetriesPerRequest: 1, connectTimeout: 2_000, commandTimeout: 2_000 }),
    onError,
  );
}

/** For those who wait: blocked reads and subscriptions go on when Redis is back. */
export function consumerConnection(url: string, onError: (error: Error) => void): Redis {
  return listening(new Redis(url, { retryStrategy, maxRetriesPerRequest: null }), onError);
}

function listening(redis: Redis, onError: (error: Error) => void): Redis {
  return redis.on("error", onError);
}

/** Resolves when the connection works; fails with a message that names the server when that takes longer than `limitMs`. */
export async function ready(redis: Redis, limitMs: number): Promise<void> {
  const { host, port } = redis.options;
  for (const until = Date.now() + limitMs; redis.status !== "ready"; ) {
    if (Date.now() > until) throw new Error(`Redis at ${host}:${port} (REDIS_URL) does not answer.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
