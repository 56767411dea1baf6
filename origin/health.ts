import type { Redis } from "ioredis";
import { lanes } from "#contract/operation.ts";
import type { Health } from "#contract/routes/service.ts";
import type { OpenDatabase } from "./db/database.ts";
import type { Scanner } from "./scanner/clamd.ts";
import type { BoxPool } from "./worker/box-pool.ts";

type Needs = {
  database: Pick<OpenDatabase, "ping">;
  redis: Pick<Redis, "ping">;
  stopping: AbortSignal;
  /** Of a process that works. */
  working?: { scanner: Scanner; boxes: BoxPool };
};

/** Without database or Redis nothing goes; without scanner or boxes jobs are taken and wait. */
export function healthOf({ database, redis, stopping, working }: Needs): () => Promise<Health> {
  return async () => {
    const essential = await Promise.allSettled([database.ping(), redis.ping()]);
    if (stopping.aborted || essential.some(({ status }) => status === "rejected")) return { status: "unavailable" };
    const degraded = working ? await missing(working) : [];
    return degraded.length > 0 ? { status: "degraded", degraded } : { status: "ok" };
  };
}

async function missing({ scanner, boxes }: NonNullable<Needs["working"]>): Promise<string[]> {
  const scans = scanner.ready().then(
    () => [],
    () => ["scanner"],
  );
  const engines = lanes.map(async (lane) => ((await boxes.ready(lane)) > 0 ? [] : [`engine-${lane}`]));
  return (await Promise.all([scans, ...engines])).flat();
}
