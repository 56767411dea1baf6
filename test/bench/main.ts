// Measures, and asserts nothing. docs/bench.md tells what, the options, and how to read it.
//   npm run bench -- path|containers|edge|limits|gate|poison|fairness|queue|soak [options]
import { notUnderstood, readArguments } from "#scripts/read-arguments.ts";
import { containers } from "./containers.ts";
import { edge } from "./edge.ts";
import { fairness } from "./fairness.ts";
import { gate } from "./gate.ts";
import { limits } from "./limits.ts";
import { path } from "./path.ts";
import { poison } from "./poison.ts";
import { queue } from "./queue.ts";
import { soak } from "./soak.ts";

const benches: Record<string, (argv: string[]) => Promise<void>> = { path, containers, edge, limits, gate, poison, fairness, queue, soak };

readArguments(import.meta.filename, { allowPositionals: true, strict: false });
const [name = "", ...argv] = process.argv.slice(2);
const bench = benches[name] ?? notUnderstood(import.meta.filename, `There is no bench ${name}.`);
try {
  await bench(argv);
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
