import type { Redis } from "ioredis";
import { type Lane, lanes } from "#contract/operation.ts";
import type { Health } from "#contract/routes/service.ts";
import type { OpenDatabase } from "./db/database.ts";
import type { JobStore } from "./jobs/store.ts";
import type { LaneSlots } from "./queue/lane-slots.ts";
import type { Scanner } from "./scanner/clamd.ts";
import { within } from "./within.ts";
import type { BoxPool } from "./worker/box-pool.ts";

type Needs = {
  database: Pick<OpenDatabase, "ping">;
  store: Pick<JobStore, "scannerAwaited">;
  redis: Pick<Redis, "ping">;
  stopping: AbortSignal;
  role: "all" | "api" | "worker";
  slots: Pick<LaneSlots, "refresh">;
  scanner: Pick<Scanner, "ready">;
  boxes: Pick<BoxPool, "lanes" | "ready">;
};

/** Less than the edge waits (edge/health.ts): a part that hangs must not look like an origin that is away. */
const partLimitMs = 1_500;

/** Without database or Redis nothing goes. Without scanner or boxes a worker is not ready, and an api takes jobs, which wait. A part that does not answer in time is away. */
export function healthOf({ database, store, slots, redis, stopping, role, scanner, boxes }: Needs): () => Promise<Health> {
  return async () => {
    if (stopping.aborted) return { status: "unavailable" };
    const [essential, scans, lanesFound] = await Promise.all([
      within(partLimitMs, () => Promise.all([database.ping(), redis.ping()])),
      within(partLimitMs, scannerThere),
      within(partLimitMs, lanesAway),
    ]);
    if (essential.status !== "ok") return { status: "unavailable" };
    const away = lanesFound.status === "ok" ? lanesFound.value : lanes;
    const degraded = [...(scans.status === "ok" && scans.value ? [] : ["scanner"]), ...away.map((lane) => `engine-${lane}`)];
    if (degraded.length === 0) return { status: "ok" };
    return { status: role === "worker" ? "unavailable" : "degraded", degraded };
  };

  /** An api that is only an api may not reach the scanner; what waits tells it. */
  async function scannerThere(): Promise<boolean> {
    if (role === "api") return !(await store.scannerAwaited());
    await scanner.ready();
    return true;
  }

  /** A worker answers for the lanes that it serves, everybody else for the service. */
  async function lanesAway(): Promise<Lane[]> {
    if (role === "worker") return (boxes.lanes.length > 0 ? boxes.lanes : lanes).filter((lane) => boxes.ready(lane) === 0);
    const counts = await slots.refresh();
    return lanes.filter((lane) => counts[lane] === 0);
  }
}
