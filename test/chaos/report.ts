import { table } from "#test/bench/table.ts";
import type { Drilled } from "./drill.ts";
import { points } from "./points.ts";

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
/** Median and worst. */
function spread(values: readonly number[]): string {
  if (values.length === 0) return "-";
  const sorted = values.toSorted((a, b) => a - b);
  const [middle = 0, worst = 0] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
  return sorted.length === 1 ? seconds(worst) : `${seconds(middle)} / ${seconds(worst)}`;
}

/** What was done to the house, what came of it, and the verdict. */
export function report({ measured, facts, journal, answers, faults, seconds: took }: Drilled): string {
  const left = journal.filter((entry) => entry.event === "left");
  const states = Map.groupBy(facts.rows, ({ state, problem }) => (problem === undefined ? state : `${state}: ${problem}`));
  const refused = left.filter(({ counted }) => !counted).length + journal.filter(({ event }) => event === "outdated").length;
  const again = facts.rows.filter(({ attempt }) => attempt > 1);
  const count = (name: string, value: number) => [name, `${value}`];
  return [
    table([
      ["fault", "times", "it works again", "lost runs", "handed back", "they run again", "a job starts after it is back"],
      ...measured.map(({ fault, times, backMs, handedBackMs, rerunMs, notRerun, flowsMs }) => [
        fault,
        `${times}`,
        spread(backMs),
        `${rerunMs.length + notRerun}`,
        spread(handedBackMs),
        spread(rerunMs),
        spread(flowsMs),
      ]),
    ]),
    "\n(median / worst)\n",
    table([
      count("jobs accepted", facts.accepted.length),
      ...[...states].sort(([a], [b]) => a.localeCompare(b)).map(([state, rows]) => count(`  ${state}`, rows.length)),
      count("jobs that ran more than once", again.length),
      count(
        "  attempts beyond the first",
        again.reduce((sum, { attempt }) => sum + attempt - 1, 0),
      ),
      count("runs handed back", left.filter(({ state, counted }) => counted && state === "queued").length),
      count("late writes and beats refused", refused),
      count("conversions charged", facts.charged.length),
      count("good answers to clients", answers.good),
      ...Object.entries(answers.problems).map(([code, times]) => count(`  told ${code}`, times)),
      count("  none while the edge was away", answers.whileAway),
    ]),
    `\n${took.toFixed(0)} s, ${Object.keys(points).length} named points`,
    faults.length === 0
      ? "Nothing was lost, made twice, charged twice or left behind."
      : `${faults.length} things do not hold:\n${faults.map((fault) => `  ${fault}`).join("\n")}`,
  ].join("\n");
}
