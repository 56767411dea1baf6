// Decides, for docker/autoscale: each line of its input says how many containers run (`engine=2 engine-light=1 worker=1`), and each line of its
// output is a decision (`engine 3`). Its log goes to the other stream, one line for each decision.
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Lane } from "#contract/operation.ts";
import { readBacklog } from "../jobs/read-backlog.ts";
import { type Bounds, decideScale, type Load, noMemory, type ScaleMemory, workersFor } from "./decide-scale.ts";
import type { OperatorNeeds, OperatorVerb } from "./verb.ts";

const Bounded = z
  .string()
  .regex(/^\d+:\d+$/, "must be MIN:MAX")
  .transform((text): Bounds => {
    const [min = 0, max = 0] = text.split(":").map(Number);
    return { min, max };
  })
  .refine(({ min, max }) => min <= max && min >= 1, "must be MIN:MAX, with MIN at least 1");
const Options = z.object({ engine: Bounded, "engine-light": Bounded, worker: Bounded, quiet: z.coerce.number().positive() });

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
    const running = new Map(line.split(" ").map((word): [string, number] => [word.split("=")[0] ?? "", Number(word.split("=")[1])]));
    const loads = await loadsOf(db).catch((error: unknown) => void say(`nothing is known of the queue: ${error}`));
    if (!loads) continue;
    let engines = 0;
    for (const [service, lane] of Object.entries(lanesOf) as ["engine" | "engine-light", Lane][]) {
      const count = running.get(service) ?? 0;
      const load = loads[lane];
      const decided = decideScale(Date.now(), { ...bounds[service], quietMs: quiet * 1000 }, count, load, memories[service] ?? noMemory);
      memories[service] = decided.memory;
      engines += decided.count;
      if (decided.count !== count)
        decide(service, count, decided.count, `${decided.reason}; ${load.queued} queued, ${load.running} running`);
    }
    const workers = running.get("worker") ?? 0;
    const wanted = workersFor(engines, bounds.worker);
    if (wanted !== workers) decide("worker", workers, wanted, `${engines} engines`);
  }
  return 0;
};

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
