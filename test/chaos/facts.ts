// Collects what is judged, when the house is at rest.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AwsClient } from "aws4fetch";
import { sql } from "drizzle-orm";
import { Redis } from "ioredis";
import { z } from "zod";
import { uploadKey } from "#contract/uploads.ts";
import { jobs, ledger } from "#origin/db/schema.ts";
import { deleteDueFiles } from "#origin/retention/delete-due-files.ts";
import { orphanSweep } from "#origin/retention/delete-orphans.ts";
import { reconcile } from "#origin/usage/reconcile.ts";
import { boxHealth } from "#scripts/stack/box.ts";
import { boxProcess, descendants } from "#test/engine/support/processes.ts";
import type { Facts } from "./judge.ts";
import type { System } from "./system.ts";

type House = Pick<Facts, "rows" | "objects" | "charged" | "differences" | "succeededEnds" | "entries" | "locks" | "orphans" | "boxes">;

const restWithinMs = 120_000;
const lookAgainMs = 500;
const hourMs = 3_600_000;

/** Gives the house time to come to rest, lets two hours pass for what is kept until then, and looks. */
export async function collect(system: System): Promise<House> {
  let still = await unrest(system);
  for (const until = Date.now() + restWithinMs; Date.now() < until && still.some(({ length }) => length > 0); still = await unrest(system))
    await sleep(lookAgainMs);
  const [entries = [], locks = [], orphans = [], boxes = []] = still;

  const { db, objects } = system;
  // Whoever took files and died is given five minutes before somebody else takes them; results without a row an hour.
  const now = Date.now();
  await deleteDueFiles({ db, objects, now: new Date(now + 6 * 60_000), jobsMax: 10_000 });
  const orphaned = orphanSweep({ db, objects });
  for (let turns = 0; turns < 4; turns++) await orphaned.turn(new Date(now + 2 * hourMs));

  const reconciled = await reconcile(db, { repair: false });
  return {
    entries,
    locks,
    orphans,
    boxes,
    rows: await rowsOf(system),
    objects: { uploads: (await keysOf(system, "uploads")).map(({ key }) => key), results: await digestsOf(system) },
    charged: (await db.select({ job: ledger.job }).from(ledger)).map(({ job }) => job),
    differences: reconciled.differences.map((books) => JSON.stringify(books)),
    succeededEnds: system
      .journal()
      .flatMap((entry) => (entry.event === "left" && entry.counted && entry.state === "succeeded" ? [entry.job] : [])),
  };
}

const unrest = (system: System) => Promise.all([entriesOf(system), locksOf(system), orphansOf(system), boxesOf(system)]);

async function rowsOf({ db }: System): Promise<Facts["rows"]> {
  const now = new Date();
  return (await db.select().from(jobs)).map((row) => ({
    id: row.id,
    state: row.state,
    attempt: row.attempt,
    scan: row.scan?.verdict,
    problem: row.problem?.code,
    secrets: row.secrets,
    results: row.results.map(({ key, sha256 }) => ({ key, sha256 })),
    filesDeleted: row.filesDeletedAt !== null,
    filesDue: row.filesExpireAt !== null && row.filesExpireAt <= now,
    uploads: row.inputs.map(({ upload }) => uploadKey(row.account, upload)),
  }));
}

async function keysOf({ objects }: System, bucket: "uploads" | "results") {
  const keys: { key: string }[] = [];
  for (let after: string | undefined; ; after = keys.at(-1)?.key) {
    const page = await objects.page({ bucket, after });
    if (page.length === 0) return keys;
    keys.push(...page);
  }
}

async function digestsOf(system: System): Promise<Facts["objects"]["results"]> {
  const { endpoint, accessKeyId, secretAccessKey, buckets } = system.storage;
  const aws = new AwsClient({ accessKeyId, secretAccessKey, service: "s3", region: "auto" });
  const found: Facts["objects"]["results"] = [];
  for (const { key } of await keysOf(system, "results")) {
    const answer = await aws.fetch(`${endpoint}/${buckets.results}/${key}`);
    found.push({
      key,
      sha256: createHash("sha256")
        .update(Buffer.from(await answer.arrayBuffer()))
        .digest("hex"),
    });
  }
  return found;
}

/** What BullMQ keeps of a lane when it is empty are its settings, its marker, its events and its counter. */
const resting = /:(meta|id|events|marker|stalled-check)$/;

async function entriesOf({ redis: { url, prefix } }: System): Promise<string[]> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1 });
  redis.on("error", () => {});
  try {
    await redis.connect();
    return (await redis.keys(`${prefix}:*:*`)).filter((key) => !resting.test(key));
  } finally {
    redis.disconnect();
  }
}

const Held = z.array(z.object({ what: z.string() }));

async function locksOf({ db }: System): Promise<string[]> {
  const found = await db.execute(sql`
    select 'an advisory lock of ' || pid as what from pg_locks where locktype = 'advisory'
    union all select 'a transaction of ' || (now() - xact_start) || ': ' || left(query, 80) from pg_stat_activity
      where state like 'idle in transaction%' and now() - xact_start > interval '1 second'
    union all select 'a wait for a lock: ' || left(query, 80) from pg_stat_activity where wait_event_type = 'Lock'`);
  return Held.parse((found as unknown as { rows: unknown }).rows).map(({ what }) => what);
}

/** Processes that name the drill's folder and belong to none of the parts as they run now. */
async function orphansOf({ folder, all }: System): Promise<string[]> {
  const name = basename(folder);
  const ours = new Set([
    process.pid,
    ...all.flatMap(({ supervised: { pid } }) => (pid === undefined ? [] : [pid, ...descendants(pid).map((each) => each.pid)])),
  ]);
  return readdirSync("/proc").flatMap((text) => {
    const pid = Number(text);
    if (!Number.isInteger(pid) || ours.has(pid)) return [];
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      const belongs = [command, readFileSync(`/proc/${pid}/environ`, "utf8")].some((place) => place.includes(name));
      return belongs && command !== "" ? [`${pid} ${command.replaceAll("\0", " ").slice(0, 120)}`] : [];
    } catch {
      return []; // it ended meanwhile
    }
  });
}

async function boxesOf({ parts }: System): Promise<string[]> {
  const found = await Promise.all(
    parts.boxes.map(async ({ name, lane, address, supervised: { pid = 0 } }) => {
      const health = await boxHealth(address.slice("unix:".length));
      const processes = descendants(pid);
      const offices = processes.filter((each) => each.name === "soffice.bin").length;
      const folders = tasksOf(pid);
      return [
        ...(health?.slot === "free" && health.ready ? [] : [`${name} is ${health?.slot ?? "away"}, ready: ${health?.ready}`]),
        ...(offices === (lane === "office" ? 1 : 0) ? [] : [`${name} has ${offices} LibreOffices`]),
        ...folders.map((folder) => `${name} keeps ${folder}`),
      ];
    }),
  );
  return found.flat();
}

function tasksOf(launcher: number): string[] {
  try {
    return readdirSync(`/proc/${boxProcess(launcher)}/root/work`).filter((entry) => entry.startsWith("task-"));
  } catch {
    return []; // it is away, which its health tells
  }
}
