import type { Redis } from "ioredis";
import type { Health } from "#contract/routes/service.ts";
import type { OpenDatabase } from "./db/database.ts";
import type { JobStore } from "./jobs/store.ts";
import type { Scanner } from "./scanner/clamd.ts";
import type { BoxPool } from "./worker/box-pool.ts";

type Needs = {
  database: Pick<OpenDatabase, "ping">;
  store: Pick<JobStore, "scannerAwaited">;
  redis: Pick<Redis, "ping">;
  stopping: AbortSignal;
  role: "all" | "api" | "worker";
  working: { scanner: Scanner; boxes: BoxPool };
};

/** Without database or Redis nothing goes. Without scanner or boxes a worker is not ready, and an api takes jobs, which wait. */
export function healthOf({ database, store, redis, stopping, role, working }: Needs): () => Promise<Health> {
  return async () => {
    const essential = await Promise.allSettled([database.ping(), redis.ping()]);
    if (stopping.aborted || essential.some(({ status }) => status === "rejected")) return { status: "unavailable" };
    // An api that is only an api may not reach scanner and boxes; what waits tells it.
    const degraded = role === "api" ? ((await store.scannerAwaited()) ? ["scanner"] : []) : await missing(working);
    if (degraded.length === 0) return { status: "ok" };
    return { status: role === "worker" ? "unavailable" : "degraded", degraded };
  };
}

async function missing({ scanner, boxes }: Needs["working"]): Promise<string[]> {
  const scans = scanner.ready().then(
    () => [],
    () => ["scanner"],
  );
  const seen = await boxes.look();
  const away = boxes.lanes.filter((lane) => !seen.some((box) => box.lane === lane && box.healthy));
  return [...(await scans), ...away.map((lane) => `engine-${lane}`)];
}
