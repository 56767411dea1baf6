// npm run bench -- NAME [options]: measures, and asserts nothing. docs/bench.md tells what and how to read it.
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

const [name = "", ...argv] = process.argv.slice(2);
const bench = benches[name];
try {
  if (!bench) throw new Error(`usage: npm run bench -- ${Object.keys(benches).join("|")} [options]`);
  await bench(argv);
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
