// The sides of the edge's bench in turn, each for a moment, with the processor time that workerd used for it.
import type { Load, Loaded } from "./edge-load.ts";
import { machineTime, readProcesses, treeOf } from "./processor-time.ts";

export type Slice = {
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  /** Of workerd, for each request. */
  processorMs: number;
  /** Of the load and the origin, for each request. */
  besideMs: number;
  /** Of all cores' time. */
  others: number;
};
export type Side = Pick<Load, "origin" | "path" | "credentials" | "expected"> & { name: string };
export type Pair = { bare: Slice; edge: Slice };
/** By the sides' names, a value for each round. */
export type Measured = { pairs: ReadonlyMap<string, readonly Pair[]>; parts: ReadonlyMap<string, readonly Slice[]> };

export type Bench = {
  ask(load: Load): Promise<Loaded>;
  workerd: number;
  beside: readonly number[];
  connections: number;
  cores: number;
};

const tickTotal = (pids: readonly number[]): number => {
  const table = readProcesses();
  return pids.flatMap((pid) => treeOf(table, pid)).reduce((sum, { ownMs, endedMs }) => sum + ownMs + endedMs, 0);
};

/** One side alone, as fast as it goes. */
export async function slice({ ask, workerd, beside, connections, cores }: Bench, side: Side, ms: number): Promise<Slice> {
  const count = () => ({ workerd: tickTotal([workerd]), beside: tickTotal(beside), machine: machineTime() });
  const before = count();
  const loaded = await ask({ ...side, connections, ms });
  if ("fault" in loaded) throw new Error(loaded.fault);
  const after = count();
  const { requests, wallMs, p50Ms, p95Ms } = loaded;
  const workerdMs = after.workerd - before.workerd;
  const besideMs = after.beside - before.beside;
  const machineMs = after.machine.busyMs - before.machine.busyMs + after.machine.stolenMs - before.machine.stolenMs;
  return {
    perSecond: (requests * 1_000) / wallMs,
    p50Ms,
    p95Ms,
    processorMs: workerdMs / requests,
    besideMs: besideMs / requests,
    others: Math.max(0, machineMs - workerdMs - besideMs) / (wallMs * cores),
  };
}

/** Every side beside a bare slice of its own, so that both meet the same machine; which of them begins changes from round to round. */
export async function takeTurns(
  bench: Bench,
  { bare, sides, parts }: { bare: Side; sides: readonly Side[]; parts: readonly Side[] },
  rounds: number,
  ms: number,
): Promise<Measured> {
  const pairs = new Map<string, Pair[]>(sides.map(({ name }) => [name, []]));
  const alone = new Map<string, Slice[]>(parts.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) {
      const bareFirst = round % 2 === 0;
      const first = await slice(bench, bareFirst ? bare : side, ms);
      const second = await slice(bench, bareFirst ? side : bare, ms);
      pairs.get(side.name)?.push(bareFirst ? { bare: first, edge: second } : { bare: second, edge: first });
    }
    for (const part of parts) alone.get(part.name)?.push(await slice(bench, part, ms));
  }
  return { pairs, parts: alone };
}
