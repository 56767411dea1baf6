import { statfs } from "node:fs/promises";
import { availableParallelism, freemem, loadavg, totalmem } from "node:os";
import type { Redis } from "ioredis";
import type { HealthDetail } from "#contract/routes/health.ts";
import type { OpenDatabase } from "./db/database.ts";
import { readBacklog } from "./jobs/read-backlog.ts";
import type { LaneBoxStore } from "./queue/lane-boxes.ts";
import { redisFacts } from "./queue/redis-facts.ts";
import type { Scanner } from "./scanner/clamd.ts";
import { version } from "./version.ts";
import { within } from "./within.ts";

type Needs = {
  role: string;
  database: Pick<OpenDatabase, "db" | "ping" | "pool" | "outdated">;
  redis: Pick<Redis, "info">;
  laneBoxes: Pick<LaneBoxStore, "list">;
  scanner: Pick<Scanner, "look">;
  dataDir: string;
};
type Parts = HealthDetail["parts"];
type Part<F> = { status: "ok" | "failed" | "late"; ms: number; error?: string; facts?: F };

/** Each part has as long; all are asked at once, so the answer takes no longer. */
const partLimitMs = 2_500;

/** Everything that an operator looks at first, bounded in time: a part that hangs is said to be late. */
export function healthDetailOf(needs: Needs): () => Promise<HealthDetail> {
  return async () => {
    const [database, redis, scanner, engines, queue, disk] = await Promise.all([
      part(() => databaseFacts(needs)),
      part(() => cacheFacts(needs)),
      part(() => scannerFacts(needs)),
      part(() => engineFacts(needs)),
      part(() => queueFacts(needs)),
      part(() => diskFacts(needs.dataDir)),
    ]);
    const parts = { database, redis, scanner, engines, queue, disk };
    return { status: isWell(parts) ? "ok" : "degraded", ...machine(needs.role), parts };
  };
}

const isWell = ({ scanner, engines, ...others }: Parts): boolean =>
  Object.values(others).every(({ status }) => status === "ok") &&
  (scanner.facts ?? [{ ready: false }]).some(({ ready }) => ready) &&
  (engines.facts ?? [{ ready: false }]).every(({ ready }) => ready);

async function part<F>(ask: () => Promise<F>): Promise<Part<F>> {
  const found = await within(partLimitMs, ask);
  const { status, ms } = found;
  if (found.status === "ok") return { status, ms, facts: found.value };
  if (found.status === "late") return { status, ms };
  return { status, ms, error: found.error instanceof Error ? found.error.message : "unknown" };
}

async function databaseFacts({ database }: Needs) {
  await database.ping();
  const connections = database.pool();
  return { migrations: (await database.outdated()) ? ("missing" as const) : ("complete" as const), ...(connections && { connections }) };
}

async function cacheFacts({ redis }: Needs) {
  const { version, policy, appendOnly, memoryBytes, memoryBytesMax } = await redisFacts(redis);
  return {
    ...(version !== undefined && { version }),
    ...(policy !== undefined && { maxmemory_policy: policy }),
    append_only: appendOnly,
    memory_bytes: memoryBytes,
    memory_bytes_max: memoryBytesMax,
  };
}

async function scannerFacts({ scanner }: Needs) {
  return (await scanner.look()).map(({ address, version }) => {
    const date = version?.signaturesDate;
    return {
      address,
      ready: version !== undefined,
      ...(version && { version: version.scanner, signatures: version.signatures }),
      ...(date && { signatures_age_hours: Math.round((Date.now() - date.getTime()) / 360_000) / 10 }),
    };
  });
}

/** As the workers found the boxes, so that every process tells the same. */
async function engineFacts({ laneBoxes }: Needs) {
  return (await laneBoxes.list()).map(({ lane, box, counts, health: { slot, engine, office } }) => ({
    lane,
    address: box,
    ready: counts,
    busy: counts && slot === "busy",
    engine,
    office: { starts: office.starts, documents: office.documents },
  }));
}

async function queueFacts({ database }: Needs) {
  const { depths } = await readBacklog(database.db);
  return depths.map(({ oldestSeconds, ...depth }) => ({ ...depth, oldest_seconds: oldestSeconds }));
}

/** Where the embedded database lies, or else the root. */
async function diskFacts(dataDir: string) {
  const [path, { blocks, bavail, bsize }] = await statfs(dataDir).then(
    (found) => [dataDir, found] as const,
    async () => ["/", await statfs("/")] as const,
  );
  return { path, total_bytes: blocks * bsize, free_bytes: bavail * bsize };
}

function machine(role: string): Pick<HealthDetail, "process" | "host"> {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return {
    process: {
      role,
      version,
      node: process.version,
      uptime_seconds: Math.round(process.uptime()),
      memory_bytes: { resident: rss, heap_used: heapUsed },
      processor_seconds: (user + system) / 1e6,
    },
    host: { processors: availableParallelism(), load: [one, five, fifteen], memory_bytes: { total: totalmem(), free: freemem() } },
  };
}
