import { availableParallelism } from "node:os";
import type { Job } from "#contract/jobs.ts";
import { quantile, sum } from "./statistics.ts";
import { ms, percent, rate, table, title } from "./table.ts";
import type { Usage } from "./usage.ts";

const cores = availableParallelism();

export type Conversion = { name: string /** Milliseconds since 1970. */; at: number; ms: number; attempt: number; timings: Job["timings"] };
export type Window = { kind: "calm" | "poisoned"; conversions: Conversion[]; usage: Usage };
type Result = { windows: readonly Window[]; crashes: number; spun: readonly string[]; officeBoxes: number };

/** The result as plain text. */
export function poisonReport({ windows, crashes, spun, officeBoxes }: Result): string {
  const calm = of(windows, "calm");
  const poisoned = of(windows, "poisoned");
  const ratio = (key: "p50" | "p95" | "perSecond") => (poisoned[key] / calm[key]).toFixed(2);
  return [
    title(`Small documents, one after the other, on ${officeBoxes} office boxes`),
    table([
      ["", "documents", "p50", "p95", "slowest", "throughput"],
      ...Object.entries({ "without poison": calm, "with poison": poisoned }).map(([name, { count, p50, p95, slowest, perSecond }]) => [
        name,
        `${count}`,
        ms(p50),
        ms(p95),
        ms(slowest),
        rate(perSecond),
      ]),
      ["with / without", "", ratio("p50"), ratio("p95"), "", ratio("perSecond")],
    ]),
    title("The poison"),
    table([
      ["the document that spins ended with", spun.join(", ")],
      ["crashes of LibreOffice", `${crashes}`, `one each ${(poisoned.wallMs / 1_000 / crashes).toFixed(1)} s`],
      ["cores busy with ours", `${percent(calm.ours)} without, ${percent(poisoned.ours)} with`],
      ["cores busy with others", percent(Math.max(calm.others, poisoned.others)), "above 5 % the run says little"],
    ]),
    "",
  ].join("\n");
}

function of(windows: readonly Window[], kind: Window["kind"]) {
  const chosen = windows.filter((window) => window.kind === kind);
  const latencies = chosen.flatMap(({ conversions }) => conversions.map((conversion) => conversion.ms));
  const wallMs = sum(chosen.map(({ usage }) => usage.wallMs));
  const share = (used: (window: Window) => number) => sum(chosen.map((window) => used(window) * window.usage.wallMs)) / wallMs;
  return {
    count: latencies.length,
    wallMs,
    p50: quantile(latencies, 0.5),
    p95: quantile(latencies, 0.95),
    slowest: Math.max(...latencies),
    perSecond: (latencies.length * 1_000) / wallMs,
    ours: share(({ usage }) => sum(Object.values(usage.byPart)) / usage.wallMs / cores),
    others: share(({ usage }) => usage.foreign + usage.stolen),
  };
}
