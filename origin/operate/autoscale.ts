// Decides, for docker/autoscale: each line of its input says how many containers are healthy, starting and sick (`engine=2+1+0 worker=1+0+0`), and
// each line of its output is a decision (`engine 3`). Its log goes to the other stream, one line for each decision.
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Lane } from "#contract/operation.ts";
import { readBacklog } from "../jobs/read-backlog.ts";
import { type Bounds, type Containers, countOf, decideScale, type Load, noMemory, type ScaleMemory, workersFor } from "./decide-scale.ts";
import type { OperatorNeeds, OperatorVerb } from "./verb.ts";

const Bounded = z
  .string()
  .regex(/^\d+:\d+$/, "must be MIN:MAX")
  .transform((text): Bounds => {
    const [min = 0, max = 0] = text.split(":").map(Number);
    return { min, max };
  })
  .refine(({ min, max }) => min <= max, "must be MIN:MAX");
const Options = z.object({
  engine: Bounded,
  "engine-light": Bounded,
  worker: Bounded.refine(({ min }) => min >= 1, "needs a MIN of at least 1"),
  quiet: z.coerce.number().positive(),
});

const lanesOf: Record<"engine" | "engine-light", Lane> = { engine: "office", "engine-light": "light" };

export const autoscale: OperatorVerb = async ({ db }, args) => {
  const text = { type: "string", default: "1:4" } as const;
  const { values } = parseArgs({
    args,
    options: { engine: text, "engine-light": text, worker: text, quiet: { type: "string", default: "120" } },
  });
  const { quiet, ...bounds } = Options.parse(values);
  const memories: Record<string, ScaleMemory> = {};

  for await (const line of createInterface({ input: process.stdin })) {
    const there = containersOf(line);
    const loads = await loadsOf(db).catch((error: unknown) => void say(`nothing is known of the queue: ${error}`));
    if (!loads) continue;
    let engines = 0;
    for (const [service, lane] of Object.entries(lanesOf) as ["engine" | "engine-light", Lane][]) {
      const containers = there.get(service) ?? none;
      const count = countOf(containers);
      const load = loads[lane];
      const limits = { ...bounds[service], quietMs: quiet * 1000 };
      const decided = decideScale(Date.now(), limits, containers, load, memories[service] ?? noMemory);
      memories[service] = decided.memory;
      engines += decided.count;
      if (decided.count !== count)
        decide(service, count, decided.count, `${decided.reason}; ${load.queued} queued, ${load.running} running`);
    }
    const workers = countOf(there.get("worker") ?? none);
    const wanted = workersFor(engines, bounds.worker);
    if (wanted !== workers) decide("worker", workers, wanted, `${engines} engines`);
  }
  return 0;
};

const none: Containers = { healthy: 0, starting: 0, sick: 0 };

function containersOf(line: string): Map<string, Containers> {
  const entries = line.split(" ").map((word): [string, Containers] => {
    const [service = "", counts = ""] = word.split("=");
    const [healthy = 0, starting = 0, sick = 0] = counts.split("+").map(Number);
    return [service, { healthy, starting, sick }];
  });
  return new Map(entries);
}

function decide(service: string, from: number, to: number, reason: string): void {
  say(`${service} ${from} -> ${to}: ${reason}`);
  console.log(`${service} ${to}`);
}

const say = (text: string) => console.error(`autoscale: ${new Date().toISOString()} ${text}`);

async function loadsOf(db: OperatorNeeds["db"]): Promise<Record<Lane, Load>> {
  const { depths } = await readBacklog(db);
  const of = (lane: Lane): Load => {
    const own = depths.filter((depth) => depth.lane === lane);
    const sum = (part: "queued" | "running") => own.reduce((total, depth) => total + depth[part], 0);
    return { queued: sum("queued"), running: sum("running"), oldestSeconds: Math.max(0, ...own.map(({ oldestSeconds }) => oldestSeconds)) };
  };
  return { office: of("office"), light: of("light") };
}
