import type { EdgeOptions } from "./edge-options.ts";
import type { Measured, Slice } from "./edge-rounds.ts";
import { median } from "./statistics.ts";
import { percent, table, title } from "./table.ts";

/** The result as plain text. */
export function edgeReport({ pairs, parts }: Measured, { connections, cores, objects }: EdgeOptions & { cores: number }): string {
  const turns = [...pairs].map(([name, list]) => ({ name, list, edge: list.map(({ edge }) => edge) }));
  const all = turns.flatMap(({ list }) => list);
  const others = all.flatMap(({ bare, edge }) => [bare.others, edge.others]);
  const row = (name: string, of: readonly Slice[]): string[] => [
    name,
    ...[rate(of), two(median(of.map(({ p50Ms }) => p50Ms))), two(median(of.map(({ p95Ms }) => p95Ms)))],
    ...[processor(of), three(median(of.map(({ besideMs }) => besideMs)))],
  ];
  const compared = turns.map(({ name, list }) => {
    const ratios = list.map(({ bare, edge }) => edge.perSecond / bare.perSecond);
    const added = list.map(({ bare, edge }) => edge.processorMs - bare.processorMs);
    return [name, spread(ratios, two), spread(added, three)];
  });
  const bares = all.map(({ bare }) => bare);
  return [
    title(`${connections} connections, ${cores} cores, objects in ${objects}; median of the rounds (lowest – highest)`),
    table([
      ["", "requests/s", "p50 ms", "p95 ms", "workerd ms/request", "load and origin"],
      row("bare forwarder", bares),
      ...turns.map(({ name, edge }) => row(name, edge)),
    ]),
    title("Against the bare slice beside it"),
    table([["", "requests/s, edge / bare", "processor ms added"], ...compared]),
    title("Requests that end early"),
    table([["", "requests/s", "workerd ms/request"], ...[...parts].map(([name, of]) => [name, rate(of), processor(of)])]),
    title(
      `Cores busy with others: ${percent(median(others))}, in the worst slice ${percent(Math.max(...others))}; above 5 % the rates say little`,
    ),
    "",
  ].join("\n");
}

const whole = (value: number): string => value.toFixed(0);
const two = (value: number): string => value.toFixed(2);
const three = (value: number): string => value.toFixed(3);

/** The median, and the lowest and highest of the rounds. */
const spread = (values: readonly number[], digits: (value: number) => string): string =>
  `${digits(median(values))} (${digits(Math.min(...values))}–${digits(Math.max(...values))})`;

const rate = (of: readonly Slice[]): string => {
  const values = of.map(({ perSecond }) => perSecond);
  return spread(values, whole);
};

const processor = (of: readonly Slice[]): string => {
  const values = of.map(({ processorMs }) => processorMs);
  return spread(values, three);
};
