// One look at what every part of the system holds.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { Client } from "pg";
import { boxProcess } from "#test/engine/support/processes.ts";
import { type Process, type ProcessTable, readProcesses, treeOf } from "./processor-time.ts";
import type { System } from "./system.ts";
import { isUnoServer } from "./usage.ts";

export const heldOf = ["memory", "files", "threads"] as const;
export type Held = Record<(typeof heldOf)[number], number>;

export type Sample = {
  /** Documents that had ended. */
  done: number;
  /** Of whole process trees; memory in bytes, without pages of files; what processes share counts once. */
  parts: Record<string, Held>;
  /** Tasks' folders in the boxes, and the bytes of all files there. */
  workspaces: { tasks: number; bytes: number };
  redis: { keys: number; bytes: number };
  tables: Record<string, number>;
  /** Process ids of LibreOffice, to count replacements. */
  office: number[];
};

const settleWithinMs = 20_000;

export async function openSampler({ roots, boxes, databaseUrl, redisUrl }: System) {
  const redis = new Redis(redisUrl);
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  const workspaces = boxes.map((launcher) => `/proc/${boxProcess(launcher)}/root/work`);

  const sample = async (done: number): Promise<Sample> => {
    const table = readProcesses();
    const office = processesOf(table, roots["boxes without LibreOffice"]).filter(isUnoServer);
    const inOffice = new Set(office.flatMap(({ pid }) => treeOf(table, pid)));
    const parts = Object.fromEntries(
      Object.entries(roots).map(([part, pids]) => [part, held(processesOf(table, pids).filter((process) => !inOffice.has(process)))]),
    );
    parts.LibreOffice = held([...inOffice]);
    const tasks = workspaces.flatMap(tasksIn);
    return {
      done,
      parts,
      workspaces: { tasks: tasks.length, bytes: tasks.map(bytesBelow).reduce((sum, bytes) => sum + bytes, 0) },
      redis: { keys: await redis.dbsize(), bytes: Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))?.[1]) },
      tables: await tableSizes(database),
      office: [...inOffice].filter(({ name }) => name === "soffice.bin").map(({ pid }) => pid),
    };
  };

  return {
    sample,
    /** When nothing is under way any more. */
    async atRest(done: number): Promise<Sample> {
      for (const until = performance.now() + settleWithinMs; ; await sleep(200)) {
        const found = await sample(done);
        if (found.workspaces.tasks === 0 || performance.now() > until) return found;
      }
    },
    async close() {
      redis.disconnect();
      await database.end();
    },
  };
}

const processesOf = (table: ProcessTable, roots: readonly number[]): Process[] => roots.flatMap((root) => treeOf(table, root));

function held(processes: readonly Process[]): Held {
  const sum: Held = { memory: 0, files: 0, threads: 0 };
  for (const { pid } of processes) {
    try {
      // Pages of files are left out: how they are shared out depends on the other programs of the machine.
      const maps = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
      const memory = kilobytes(maps, /^Pss_Anon: +(\d+) kB$/m) + kilobytes(maps, /^Pss_Shmem: +(\d+) kB$/m);
      const threads = Number(/^Threads:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0);
      const files = readdirSync(`/proc/${pid}/fd`).length;
      sum.memory += memory * 1_024;
      sum.threads += threads;
      sum.files += files;
    } catch {
      // it ended meanwhile
    }
  }
  return sum;
}

const kilobytes = (text: string, line: RegExp): number => Number(line.exec(text)?.[1] ?? 0);

function tasksIn(workspace: string): string[] {
  return namesIn(workspace)
    .filter((name) => name.startsWith("task-"))
    .map((name) => join(workspace, name));
}

function bytesBelow(folder: string): number {
  let sum = 0;
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const found = statSync(path, { throwIfNoEntry: false });
    sum += found?.isDirectory() ? bytesBelow(path) : (found?.size ?? 0);
  }
  return sum;
}

/** None when the folder has gone. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

async function tableSizes(database: Client): Promise<Record<string, number>> {
  const { rows } = await database.query<{ name: string; bytes: string }>(
    "select relname as name, pg_total_relation_size(oid) as bytes from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
  );
  return Object.fromEntries(rows.map(({ name, bytes }) => [name, Number(bytes)]));
}
