// How often one address may try to sign in. Counted in Redis; while that is away each process counts for itself.
import type { Redis } from "ioredis";

export type Rule = { window: number; max: number };
export type Verdict = { allowed: boolean; retryAfter: number | null };
export type Attempts = { consume(key: string, rule: Rule): Promise<Verdict> };

type Options = { redis: Redis; prefix: string; onError(error: unknown): void; now?: () => number };

const heldMax = 100_000;

export function attempts({ redis, prefix, onError, now = Date.now }: Options): Attempts {
  const held = new Map<string, { count: number; endsAt: number }>();

  const countHere = (key: string, { window }: Rule): { count: number; leftMs: number } => {
    const at = now();
    const known = held.get(key);
    const entry = known && known.endsAt > at ? known : { count: 0, endsAt: at + window * 1_000 };
    entry.count++;
    held.delete(key);
    held.set(key, entry);
    const [oldest] = held.keys();
    if (held.size > heldMax && oldest !== undefined) held.delete(oldest);
    return { count: entry.count, leftMs: entry.endsAt - at };
  };
  const countInRedis = async (key: string, { window }: Rule): Promise<{ count: number; leftMs: number }> => {
    const name = `${prefix}attempts:${key}`;
    const answers = await redis.multi().incr(name).expire(name, window, "NX").pttl(name).exec();
    const [count, leftMs] = [Number(answers?.[0]?.[1]), Number(answers?.[2]?.[1])];
    if (!(count > 0) || Number.isNaN(leftMs)) throw new Error("Redis did not count an attempt", { cause: answers });
    return { count, leftMs };
  };

  return {
    async consume(key, rule) {
      const { count, leftMs } = await countInRedis(key, rule).catch((error) => {
        onError(error);
        return countHere(key, rule);
      });
      return count <= rule.max
        ? { allowed: true, retryAfter: null }
        : { allowed: false, retryAfter: Math.max(1, Math.ceil(leftMs / 1_000)) };
    },
  };
}
