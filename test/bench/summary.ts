// The numbers of a run, from its rounds.
import type { LatencyPair } from "./latency.ts";
import type { BareRound, PathRound } from "./rounds.ts";
import { slotUse } from "./slots.ts";
import { median, quantile, sum } from "./statistics.ts";
import { type PartName, parts, type Usage } from "./usage.ts";

type Measured = {
  pathRounds: readonly PathRound[];
  bareRounds: readonly BareRound[];
  pairs: readonly LatencyPair[];
  slots: number;
  cores: number;
};
type Spread = { p50: number; p95: number };

export type Summary = ReturnType<typeof summary>;

const perSecond = ({ documents, wallMs }: { documents: number; wallMs: number }): number => (documents * 1_000) / wallMs;
const spread = (values: readonly number[]): Spread => ({ p50: quantile(values, 0.5), p95: quantile(values, 0.95) });

export function summary({ pathRounds, bareRounds, pairs, slots, cores }: Measured) {
  const documents = pathRounds[0]?.documents ?? 0;
  const path = pathRounds.map(perSecond);
  const bare = bareRounds.map(perSecond);
  const withUploads = pathRounds.map(({ wallMs, upload, ...round }) => perSecond({ ...round, wallMs: wallMs + upload.wallMs }));
  const uses = pathRounds.map((round) => slotUse(round, slots, cores));
  const perDocument = (usages: readonly Usage[]): Record<PartName, number> =>
    Object.fromEntries(parts.map((part) => [part, median(usages.map(({ byPart }) => byPart[part] / documents))])) as Record<
      PartName,
      number
    >; // a key for each of the list
  const work = perDocument(pathRounds.map(({ usage }) => usage));
  const jobs = pathRounds.flatMap((round) => round.jobs);
  const timed = (name: keyof LatencyPair["timings"]) => spread(pairs.map(({ timings }) => timings[name] ?? 0));
  return {
    slots,
    cores,
    documents,
    throughput: {
      path: median(path),
      bare: median(bare),
      ratio: median(path) / median(bare),
      withUploads: median(withUploads),
      pathRounds: path,
      bareRounds: bare,
    },
    slotUse: {
      converting: median(uses.map(({ converting }) => converting)),
      taken: median(uses.map(({ taken }) => taken)),
      coresFed: median(uses.map(({ coresFed }) => coresFed)),
      atOnce: Array.from({ length: slots + 1 }, (_, count) => median(uses.map(({ atOnce }) => atOnce[count] ?? 0))),
    },
    latency: {
      path: spread(pairs.map(({ pathMs }) => pathMs)),
      bare: spread(pairs.map(({ bareMs }) => bareMs)),
      upload: spread(pairs.map(({ uploadMs }) => uploadMs)),
      start: spread(pairs.map(({ startMs }) => startMs)),
      queued: timed("queued_ms"),
      fetchedAndScanned: timed("scanned_ms"),
      converted: timed("converted_ms"),
      stored: timed("stored_ms"),
      total: timed("total_ms"),
    },
    processorMs: {
      path: work,
      upload: perDocument(pathRounds.map(({ upload }) => upload.usage)),
      bare: perDocument(bareRounds.map(({ usage }) => usage)),
    },
    inBacklog: {
      converted: median(jobs.map(({ timings }) => timings.converted_ms ?? 0)),
      fetchedAndScanned: median(jobs.map(({ timings }) => timings.scanned_ms ?? 0)),
      stored: median(jobs.map(({ timings }) => timings.stored_ms ?? 0)),
      bareConverted: median(bareRounds.flatMap(({ conversions }) => conversions.map(({ ms }) => ms))),
      startedPerSecond: median(pathRounds.map(({ startedMs }) => (documents * 1_000) / startedMs)),
    },
    busy: {
      path: median(pathRounds.map(({ usage }) => sum(Object.values(usage.byPart)) / usage.wallMs / cores)),
      bare: median(bareRounds.map(({ usage }) => sum(Object.values(usage.byPart)) / usage.wallMs / cores)),
    },
    others: {
      path: pathRounds.map(({ usage }) => usage.foreign + usage.stolen),
      bare: bareRounds.map(({ usage }) => usage.foreign + usage.stolen),
    },
  };
}
