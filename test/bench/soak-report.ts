import { heldOf, type Sample } from "./soak-sample.ts";
import { leastSquares, sum } from "./statistics.ts";
import { table, title } from "./table.ts";

type Result = { documents: number; failed: number; seconds: number; samples: readonly Sample[]; atRest: Sample };

/** Of the documents: what is needed once is loaded, pools and heaps have their size. */
const warmUp = 0.2;
/** workerd under `wrangler dev`, with proxies and an emulated object store of its own: what it holds tells little of the Worker. */
const shownOnly = "edge + R2 emulator";
/** Growth over the measured documents, of the mean. */
const growthMax = 0.1;
/** Bytes that any part may gain: it is what allocators round. */
const bytesGainedMax = 2e6;

type Line = { name: string; unit: "MB" | ""; values: readonly number[] };

/** The result as plain text, with a verdict. */
export function soakReport({ documents, failed, seconds, samples, atRest }: Result): string {
  const measured = samples.filter(({ done }) => done >= documents * warmUp);
  const done = measured.map((sample) => sample.done);
  const [first] = measured;
  if (!first) throw new Error("nothing was measured: more documents are needed");
  const line = (name: string, unit: Line["unit"], value: (sample: Sample) => number): Line => ({ name, unit, values: measured.map(value) });
  const lines = [
    ...Object.keys(first.parts).flatMap((part) =>
      heldOf.map((what) => line(`${part}: ${what}`, what === "memory" ? "MB" : "", (sample) => sample.parts[part]?.[what] ?? 0)),
    ),
    line("workspaces: tasks", "", (sample) => sample.workspaces.tasks),
    line("workspaces: bytes", "MB", (sample) => sample.workspaces.bytes),
    line("Redis: memory as it counts", "MB", (sample) => sample.redis.bytes),
    line("Redis: keys", "", (sample) => sample.redis.keys),
  ].map((each) => ({
    ...each,
    trend: trendOf(done, each.values, each.unit === "MB" ? bytesGainedMax : 1),
    judged: !each.name.startsWith(shownOnly),
  }));
  const growing = lines.filter(({ trend, judged }) => judged && trend.grows).map(({ name }) => name);
  const left = [
    ...(atRest.workspaces.tasks > 0 ? [`${atRest.workspaces.tasks} workspaces are left`] : []),
    ...(failed > 0 ? [`${failed} documents failed`] : []),
  ];
  const replaced = new Set(measured.flatMap(({ office }) => office)).size - first.office.length;

  return [
    title(`${documents} documents in ${(seconds / 60).toFixed(1)} minutes; ${measured.length} looks after the first ${done[0]} documents`),
    table([
      ["", "start", "end", "per 1,000 documents", "wavers by", "verdict"],
      ...lines.map(({ name, unit, judged, trend: { start, end, perThousand, wavers, grows } }) => [
        name,
        ...[start, end, perThousand, wavers].map((value) => shown(value, unit)),
        judged ? (grows ? "GROWS" : "flat") : "(not judged)",
      ]),
    ]),
    title(`LibreOffice was replaced ${replaced} times. What is kept by design, and goes with its time (docs/stored-data.md):`),
    table([
      ["table", "start", "end", "bytes per document"],
      ...Object.keys(first.tables)
        .map((name) => ({ name, values: measured.map(({ tables }) => tables[name] ?? 0) }))
        .filter(({ values }) => (values.at(-1) ?? 0) > (values[0] ?? 0))
        .map(({ name, values }) => {
          const { slope } = leastSquares(done, values);
          return [name, shown(values[0] ?? 0, "MB"), shown(values.at(-1) ?? 0, "MB"), slope.toFixed(0)];
        }),
    ]),
    "",
    growing.length + left.length === 0 ? "flat" : `not flat: ${[...growing, ...left].join("; ")}`,
    "",
  ].join("\n");
}

/** The line through all looks. It grows when it rose by more than a tenth of the mean, than twice what the looks waver around it, and than `gainedMax`. */
function trendOf(done: readonly number[], values: readonly number[], gainedMax: number) {
  const { slope, at, deviation } = leastSquares(done, values);
  const [from = 0, to = 0] = [done[0], done.at(-1)];
  const rise = at(to) - at(from);
  const mean = sum(values) / values.length;
  return {
    start: at(from),
    end: at(to),
    perThousand: slope * 1_000,
    wavers: deviation,
    grows: rise > mean * growthMax && rise > 2 * deviation && rise > gainedMax,
  };
}

const shown = (value: number, unit: Line["unit"]): string =>
  unit === "MB" ? `${(value / 1e6).toFixed(Math.abs(value) < 1e7 ? 2 : 1)} MB` : value.toFixed(1);
