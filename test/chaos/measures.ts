// How long things took, from the moments of the faults and what the processes told.
import type { Hit } from "./faults.ts";
import type { Entry } from "./journal.ts";

export type Measured = {
  fault: string;
  times: number;
  /** Until what it hit worked again. */
  backMs: number[];
  /** From the fault until the sweep gives a run that it ended back to the backlog. */
  handedBackMs: number[];
  /** From the fault until that job runs again, which is after its turn in the backlog has come. */
  rerunMs: number[];
  /** From the moment that what it hit is back until some job starts. */
  flowsMs: number[];
  /** Runs that it ended and that never ran again, though nobody ended their job. */
  notRerun: number;
};

export function measure(hits: readonly { fault: string; hit: Hit }[], journal: readonly Entry[]): Measured[] {
  const claims = journal.filter((entry) => entry.event === "claimed");
  const ended = new Set(
    journal.flatMap((entry) =>
      entry.event === "left" && entry.counted && entry.state !== "queued" ? [`${entry.job} ${entry.attempt}`] : [],
    ),
  );
  return Map.groupBy(hits, ({ fault }) => fault)
    .entries()
    .map(([fault, group]): Measured => {
      const lost = group.flatMap(({ hit }) =>
        // Its end may have been committed before it could be told.
        hit.lost.filter(({ job, attempt }) => !ended.has(`${job} ${attempt}`)).map((run) => ({ ...run, at: hit.at })),
      );
      const again = lost.map(({ job, attempt, at }) => {
        const next = claims.find((claim) => claim.job === job && claim.attempt > attempt);
        return next && next.at - at;
      });
      const back = lost.map(({ job, attempt, at }) => {
        const next = journal.find((entry) => entry.event === "left" && entry.job === job && entry.attempt === attempt && entry.at >= at);
        return next && next.at - at;
      });
      const flows = group
        .map(({ hit }) => claims.find(({ at }) => at >= hit.backAt))
        .map((claim, index) => claim && claim.at - (group[index]?.hit.backAt ?? 0));
      const known = (list: (number | undefined)[]) => list.filter((value) => value !== undefined);
      return {
        fault,
        times: group.length,
        backMs: group.map(({ hit }) => hit.backAt - hit.at),
        handedBackMs: known(back),
        rerunMs: known(again),
        flowsMs: known(flows),
        notRerun: again.filter((value) => value === undefined).length,
      };
    })
    .toArray();
}

/** What the house promises of its recovery, and by how much it is exceeded. */
const promises = [
  { fault: "worker killed", what: "a killed worker's job runs again", of: "rerunMs", withinMs: 15_000 },
  { fault: "Redis killed", what: "a job starts after Redis is back", of: "flowsMs", withinMs: 3_000 },
] as const;

/** `patience` multiplies what is promised, where the machine has other work too. */
export function late(measured: readonly Measured[], patience: number): string[] {
  return promises.flatMap(({ fault, what, of, withinMs }) => {
    const row = measured.find((each) => each.fault === fault);
    const worst = Math.max(0, ...(row?.[of] ?? []));
    return worst > withinMs * patience ? [`${what} after ${worst} ms, promised were ${withinMs} ms`] : [];
  });
}
