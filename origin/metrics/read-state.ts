import type { Redis } from "ioredis";
import type { OpenDatabase } from "../db/database.ts";
import { type Backlog, readBacklog } from "../jobs/read-backlog.ts";
import type { LaneBox, LaneBoxStore } from "../queue/lane-boxes.ts";
import { type RedisFacts, redisFacts } from "../queue/redis-facts.ts";
import { within } from "../within.ts";

/** A part that did not answer in time is absent. */
export type State = {
  backlog?: Backlog;
  boxes?: LaneBox[];
  redis?: RedisFacts & { pingMs: number };
  database?: { pingMs: number };
  pool?: { total: number; idle: number; waiting: number } | undefined;
};

export type StateNeeds = {
  database: Pick<OpenDatabase, "db" | "ping" | "pool">;
  redis: Pick<Redis, "info">;
  laneBoxes: Pick<LaneBoxStore, "list">;
};

const limitMs = 2_500;

export async function readState({ database, redis, laneBoxes }: StateNeeds): Promise<State> {
  const [backlog, seen, cache, ping] = await Promise.all([
    within(limitMs, () => readBacklog(database.db)),
    within(limitMs, () => laneBoxes.list()),
    within(limitMs, () => redisFacts(redis)),
    within(limitMs, () => database.ping()),
  ]);
  return {
    ...(backlog.status === "ok" && { backlog: backlog.value }),
    ...(seen.status === "ok" && { boxes: seen.value }),
    ...(cache.status === "ok" && { redis: { ...cache.value, pingMs: cache.ms } }),
    ...(ping.status === "ok" && { database: { pingMs: ping.ms } }),
    pool: database.pool(),
  };
}
