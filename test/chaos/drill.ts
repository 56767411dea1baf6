// The drill from its start to the judgement.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { type Answers, openAnswers } from "./answers.ts";
import { collect } from "./facts.ts";
import { type Fault, faults, type Hit } from "./faults.ts";
import { startFlow } from "./flow.ts";
import type { Entry } from "./journal.ts";
import { type Facts, judge } from "./judge.ts";
import { late, type Measured, measure } from "./measures.ts";
import { pointNames } from "./points.ts";
import { startSystem } from "./system.ts";
import { openTraps } from "./traps.ts";

export type DrillOptions = {
  root: string;
  /** At least so many are sent; every fault happens once at least, and again in turn until they are. */
  jobs: number;
  everyMs: number;
  /** Only faults whose name contains it. */
  only?: string;
  broken?: string;
  /** By how much what is promised may be exceeded. */
  patience: number;
  /** What was accepted must have ended so long after the last was sent. */
  endWithinMs: number;
  say: (line: string) => void;
  signal: AbortSignal;
};

export type Drilled = {
  measured: Measured[];
  facts: Facts;
  /** What does not hold. */
  faults: string[];
  journal: readonly Entry[];
  answers: ReturnType<Answers["told"]>;
  seconds: number;
};

const restMs = 1_500;
const rerunWithinMs = 30_000;

export async function drill(options: DrillOptions): Promise<Drilled> {
  const folder = mkdtempSync(join(tmpdir(), "trusty-chaos-"));
  const forget = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", forget);
  const stops: (() => Promise<unknown> | unknown)[] = [];
  try {
    return await within(folder, options, (stop) => stops.push(stop));
  } finally {
    // In the order of the start backwards: doors and workers before what they need.
    for (const stop of stops.reverse()) await Promise.resolve(stop()).catch((error: unknown) => options.say(String(error)));
    forget();
    process.off("exit", forget);
  }
}

async function within(folder: string, options: DrillOptions, onStop: (stop: () => Promise<unknown> | unknown) => void): Promise<Drilled> {
  const { root, jobs, everyMs, patience, endWithinMs, only = "", broken, say, signal } = options;
  const startedAt = Date.now();
  const answers = openAnswers();
  const system = await startSystem({ root, folder, broken, log: say, onStop });
  say(`The house runs after ${((Date.now() - startedAt) / 1_000).toFixed(0)} s.`);
  const traps = openTraps(folder);
  const flow = await startFlow(system, { everyMs, answers });
  onStop(flow.close);
  const wanted = faults.filter(({ name }) => name.includes(only));
  const hits: { fault: string; hit: Hit }[] = [];
  await sleep(3_000);
  const enough = () => flow.sent() >= jobs;
  for (let round = 1; round === 1 || !enough(); round++) {
    for (const fault of wanted) {
      signal.throwIfAborted();
      if (round > 1 && enough()) break;
      hits.push(await done(fault));
      await sleep(restMs);
    }
  }
  async function done(fault: Fault): Promise<(typeof hits)[number]> {
    const hit = await fault.hit({ system, flow, answers, traps, say, signal });
    say(
      `${fault.name}: back after ${((hit.backAt - hit.at) / 1_000).toFixed(1)} s, ${hit.lost.length} runs lost; ${flow.accepted.length} accepted`,
    );
    const done = { fault: fault.name, hit };
    // How soon they run again is promised of one fault, and not of the next ones on top of it.
    if (fault.name === "worker killed")
      for (const by = Date.now() + rerunWithinMs; Date.now() < by && measure([done], system.journal())[0]?.notRerun; await sleep(500));
    return done;
  }

  const until = Date.now() + endWithinMs;
  await flow.end(until);
  await allEnded(system, until);
  const house = await collect(system);
  const told = answers.told();
  const sprung = new Set(traps.everSprung());
  const journal = system.journal();
  const measured = measure(hits, journal);
  const facts: Facts = {
    ...house,
    accepted: flow.accepted,
    clientFaults: [...flow.faults, ...told.faults],
    neverHit: pointNames.filter((point) => wanted.some(({ name }) => name === `crash ${point}`) && !sprung.has(point)),
    late: late(measured, patience),
  };
  return { measured, facts, faults: judge(facts), journal, answers: told, seconds: (Date.now() - startedAt) / 1_000 };
}

async function allEnded({ db }: Awaited<ReturnType<typeof startSystem>>, until: number): Promise<void> {
  for (; Date.now() < until; await sleep(500)) {
    const open = await db.execute(sql`select 1 from jobs where state in ('queued', 'running') limit 1`);
    if ((open as unknown as { rows: unknown[] }).rows.length === 0) return;
  }
}
