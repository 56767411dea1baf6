// Redis caches what Postgres holds. It may be empty or away at any time: nobody is signed out, and nobody stays signed in.
import type { SecondaryStorage } from "better-auth";
import type { Redis } from "ioredis";

type Options = { redis: Redis; prefix: string; onError(error: unknown): void };

export type SessionCache = SecondaryStorage & { forget(keys: readonly string[]): Promise<void>; close(): void };

export function sessionCache({ redis, prefix, onError }: Options): SessionCache {
  /** A write that Redis did not take leaves it with what no longer holds; until it is wiped, nothing is read from it. */
  let stale = false;
  let wiping: Promise<void> | undefined;

  const wipe = async () => {
    for (let cursor = "0", first = true; first || cursor !== "0"; first = false) {
      const [next, keys] = await redis.scan(cursor, "MATCH", `${prefix}*`, "COUNT", 1_000);
      if (keys.length > 0) await redis.unlink(...keys);
      cursor = next;
    }
    stale = false;
  };
  const wiped = (): Promise<void> => {
    wiping ??= wipe().finally(() => {
      wiping = undefined;
    });
    return wiping;
  };
  const read = async <T>(command: () => Promise<T>): Promise<T | null> => {
    try {
      if (stale) await wiped();
      return await command();
    } catch (error) {
      onError(error);
      return null;
    }
  };
  const write = async (command: () => Promise<unknown>): Promise<void> => {
    try {
      if (stale) await wiped();
      await command();
    } catch (error) {
      stale = true;
      onError(error);
    }
  };
  const wipeOnReturn = () => void (stale && wiped().catch(onError));
  redis.on("ready", wipeOnReturn);

  return {
    get: (key) => read(() => redis.get(prefix + key)),
    getAndDelete: (key) => read(() => redis.getdel(prefix + key)),
    set: (key, value, ttlSeconds) =>
      write(() =>
        ttlSeconds === undefined ? redis.set(prefix + key, value) : redis.set(prefix + key, value, "EX", Math.max(1, ttlSeconds)),
      ),
    delete: (key) => write(() => redis.del(prefix + key)),
    forget: (keys) => write(async () => void (keys.length > 0 && (await redis.unlink(...keys.map((key) => prefix + key))))),
    close: () => void redis.off("ready", wipeOnReturn),
    increment: async (key, ttlSeconds) => {
      const counted = await read(() =>
        redis
          .multi()
          .incr(prefix + key)
          .expire(prefix + key, ttlSeconds, "NX")
          .exec(),
      );
      return Number(counted?.[0]?.[1] ?? 1);
    },
  };
}
