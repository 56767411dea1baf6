// What is done to the house while jobs flow. Each fault ends when what it hit works again.
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { boxHealth } from "#scripts/stack/box.ts";
import { descendants } from "#test/engine/support/processes.ts";
import { killFamily, killIfThere } from "#test/support/kill-family.ts";
import type { Answers } from "./answers.ts";
import type { Flow } from "./flow.ts";
import { greedyDocument } from "./greedy.ts";
import { type Point, pointNames, points } from "./points.ts";
import { killGroup, type System, type Victim } from "./system.ts";
import type { openTraps } from "./traps.ts";

export type Drill = {
  system: System;
  flow: Pick<Flow, "also">;
  answers: Answers;
  traps: ReturnType<typeof openTraps>;
  say: (line: string) => void;
  signal: AbortSignal;
};

/** When it happened, when what it hit worked again, and which runs were under way in it. */
export type Hit = { at: number; backAt: number; lost: { job: string; attempt: number }[] };
export type Fault = { name: string; hit(drill: Drill): Promise<Hit> };

const frozenMs = 20_000;
/** Where a box has other work too, some jobs come only after many others. */
const hitWithinMs = 180_000;
const lookMs = 20;

/** The runs that a process has begun and not left. */
export function runsOf(system: Pick<System, "journal">, pid: number | undefined): Hit["lost"] {
  const runs = new Map<string, Hit["lost"][number]>();
  for (const entry of system.journal()) {
    if (entry.pid !== pid || entry.event === "died") continue;
    const { job, attempt } = entry;
    if (entry.event === "claimed") runs.set(`${job} ${attempt}`, { job, attempt });
    else runs.delete(`${job} ${attempt}`);
  }
  return [...runs.values()];
}

async function until(wanted: () => boolean, { signal }: Drill, withinMs = hitWithinMs): Promise<boolean> {
  for (const end = Date.now() + withinMs; !wanted() && Date.now() < end; await sleep(lookMs)) signal.throwIfAborted();
  return wanted();
}

/** The worker that has most to lose, when it has something. */
async function busiest(drill: Drill): Promise<Victim> {
  const { system } = drill;
  const load = ({ supervised: { pid } }: Victim) => runsOf(system, pid).length;
  await until(() => system.parts.workers.some((worker) => load(worker) > 0), drill);
  return system.parts.workers.toSorted((a, b) => load(b) - load(a))[0] as Victim;
}

const kill = (name: string, choose: (drill: Drill) => Victim | Promise<Victim>): Fault => ({
  name,
  async hit(drill) {
    const victim = await choose(drill);
    const at = Date.now();
    const pid = killGroup(victim);
    await sleep(lookMs);
    await victim.working();
    return { at, backAt: Date.now(), lost: runsOf(drill.system, pid) };
  },
});

/** Inside an office box, which sees to it itself. */
const killInside = (name: string, isIt: (process: string) => boolean): Fault => ({
  name,
  async hit(drill) {
    const boxes = drill.system.parts.boxes.filter(({ lane }) => lane === "office");
    const found = () =>
      boxes.flatMap((box) =>
        descendants(box.supervised.pid ?? 0)
          .filter((each) => isIt(each.name))
          .map(({ pid }) => ({ box, pid })),
      );
    for (const until = Date.now() + hitWithinMs; Date.now() < until; await sleep(lookMs)) {
      drill.signal.throwIfAborted();
      const [victim] = found();
      if (!victim) continue;
      const socket = victim.box.address.slice("unix:".length);
      const starts = async () => (await boxHealth(socket))?.office.starts ?? 0;
      const before = await starts();
      const at = Date.now();
      // Its box may have replaced it meanwhile.
      if (!killIfThere(victim.pid)) continue;
      for (const end = at + hitWithinMs; (await starts()) <= before && Date.now() < end; ) await sleep(lookMs);
      await victim.box.working();
      return { at, backAt: Date.now(), lost: [] };
    }
    throw new Error(`there is no ${name}`);
  },
});

const alternately = <T>(list: readonly T[]): (() => T) => {
  let turn = 0;
  return () => list[turn++ % list.length] as T;
};

const flush: Fault = {
  name: "Redis flushed",
  async hit({ system }) {
    const redis = new Redis(system.redis.url, { maxRetriesPerRequest: 1 });
    redis.on("error", () => {});
    const at = Date.now();
    await redis.flushall().finally(() => redis.disconnect());
    return { at, backAt: at, lost: [] };
  },
};

/** A worker that is taken for dead, and goes on: what it still wants to write must be refused. */
const freeze: Fault = {
  name: "worker stopped for 20 s",
  async hit(drill) {
    const victim = await busiest(drill);
    const { pid } = victim.supervised;
    if (pid === undefined) throw new Error("no worker runs");
    const lost = runsOf(drill.system, pid);
    const at = Date.now();
    process.kill(-pid, "SIGSTOP");
    await sleep(frozenMs);
    process.kill(-pid, "SIGCONT");
    await victim.working();
    return { at, backAt: Date.now(), lost };
  },
};

const edgeKilled: Fault = {
  name: "edge killed",
  async hit(drill) {
    const back = drill.answers.edgeGoes();
    const hit = await kill("", ({ system }) => system.parts.edge).hit(drill);
    back();
    return hit;
  },
};

const postgresKilled: Fault = {
  name: "PostgreSQL killed",
  async hit({ system: { parts } }) {
    const { postgres } = parts;
    const { pid } = postgres.supervised;
    if (pid === undefined) throw new Error("PostgreSQL does not run");
    const at = Date.now();
    // Each of its backends is the leader of a group of its own.
    killFamily(pid);
    await sleep(lookMs);
    await postgres.working();
    return { at, backAt: Date.now(), lost: [] };
  },
};

/** A process ends itself at the point. `mid-sweep` needs a run that was lost before. */
const crashAt = (point: Point): Fault => ({
  name: `crash ${point}`,
  async hit(drill) {
    const { system, traps } = drill;
    const armedAt = Date.now();
    const death = () => system.journal().findLast((entry) => entry.event === "died" && entry.point === point && entry.at >= armedAt);
    // Before the trap is armed, or the one to be killed may have met it.
    const lost = point === "mid-sweep" || point === "after-hand-back" ? await busiest(drill) : undefined;
    traps.arm(point);
    if (lost) killGroup(lost);
    await until(() => death() !== undefined, drill);
    traps.disarm(point);
    const died = death();
    if (!died) return { at: Date.now(), backAt: Date.now(), lost: [] };
    const { apis, workers } = system.parts;
    await sleep(lookMs);
    await Promise.all([...apis, ...workers].map((victim) => victim.working()));
    return { at: died.at, backAt: Date.now(), lost: points[point].role === "api" ? [] : runsOf(system, died.pid) };
  },
});

/** One document fills its box's workspace; the others there are converted meanwhile. */
const quota: Fault = {
  name: "workspace filled",
  async hit({ flow }) {
    const at = Date.now();
    await flow.also(greedyDocument());
    return { at, backAt: Date.now(), lost: [] };
  },
};

const nextApi = alternately([0, 1]);
const nextBox = alternately([0, 1, 2, 3]);

/** In the order of a round. */
export const faults: readonly Fault[] = [
  kill("worker killed", busiest),
  ...pointNames
    .filter((point) => points[point].role !== "api")
    .slice(0, 5)
    .map(crashAt),
  killInside("LibreOffice killed", (name) => name === "soffice.bin"),
  kill("box killed", ({ system }) => system.parts.boxes[nextBox()] as Victim),
  kill("clamd killed", ({ system }) => system.parts.clamd),
  kill("Redis killed", ({ system }) => system.parts.redis),
  ...pointNames
    .filter((point) => points[point].role !== "api")
    .slice(5)
    .map(crashAt),
  postgresKilled,
  kill("api killed", ({ system }) => system.parts.apis[nextApi()] as Victim),
  flush,
  quota,
  ...pointNames.filter((point) => points[point].role === "api").map(crashAt),
  edgeKilled,
  killInside("UnoServer killed", (name) => name.startsWith("python")),
  freeze,
];
