import { collectDefaultMetrics, Registry } from "prom-client";
import type { State } from "./read-state.ts";
import { metrics as ofProcess } from "./registry.ts";
import { stateGauges } from "./state-gauges.ts";

export const stateKeptMs = 5_000;

export type Exposition = { contentType: string; text(): Promise<string> };

/** Everything that this process tells of itself, in Prometheus' text format. `registry` holds what it counted. */
export function exposition(registry: Registry, state: () => Promise<State>): Exposition {
  collectDefaultMetrics({ register: registry });
  stateGauges(registry, state);
  const all = Registry.merge([ofProcess, registry]);
  return { contentType: all.contentType, text: () => all.metrics() };
}
