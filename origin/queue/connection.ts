// Connections to Redis, with the two temperaments that BullMQ needs.
import { Redis } from "ioredis";
import { type RedisAddress, redisPlace, redisTarget } from "./redis-address.ts";

/** BullMQ's own back-off reaches 20 s; jobs should flow a second after Redis is back. */
const retryStrategy = (times: number): number => Math.min(1_000, 50 * 2 ** Math.min(times, 5));

/** A server that was a master and is one no longer: its successor is looked for. */
const reconnectOnError = ({ message }: Error): boolean => /^(READONLY|UNBLOCKED|MASTERDOWN)\b/.test(message);

const always = { retryStrategy, reconnectOnError, connectTimeout: 2_000 };

/** For those who must answer soon: a command fails when Redis is away, and is not kept for later. */
export function producerConnection(address: RedisAddress, onError: (error: Error) => void): Redis {
  const impatient = { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 2_000 };
  return listening(new Redis({ ...redisTarget(address), ...always, ...impatient }), onError);
}

/** For those who wait: blocked reads and subscriptions go on when Redis is back. */
export function consumerConnection(address: RedisAddress, onError: (error: Error) => void): Redis {
  return listening(new Redis({ ...redisTarget(address), ...always, maxRetriesPerRequest: null }), onError);
}

function listening(redis: Redis, onError: (error: Error) => void): Redis {
  return redis.on("error", onError);
}

/** Resolves when the connection works; fails with a message that names the server, and why, when that takes longer than `limitMs`. */
export async function ready(redis: Redis, { url }: RedisAddress, limitMs: number): Promise<void> {
  let cause: Error | undefined;
  const note = (error: Error) => {
    cause = error;
  };
  redis.on("error", note);
  for (const until = Date.now() + limitMs; redis.status !== "ready"; ) {
    if (Date.now() > until) {
      redis.disconnect();
      throw new Error(`Redis at ${redisPlace(url)} (REDIS_URL) does not answer${cause ? `: ${cause.message}` : "."}`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  redis.off("error", note);
}
