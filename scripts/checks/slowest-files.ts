import type { Reporter, TestModule } from "vitest/node";

const shown = 10;

/** A reporter of vitest: at the end of a run, where its time went. Those that run beside each other are each shown with their whole time. */
export default function slowestFiles(): Reporter {
  return {
    onTestRunEnd(modules) {
      const rows = modules.map((module) => ({ name: module.relativeModuleId, ms: timeOf(module) })).sort((a, b) => b.ms - a.ms);
      if (rows.length < 2) return;
      console.log("\nslowest files, with their set-up:");
      for (const { name, ms } of rows.slice(0, shown)) console.log(`${(ms / 1_000).toFixed(1).padStart(7)} s  ${name}`);
    },
  };
}

/** Importing it, its hooks, its tests. */
function timeOf(module: TestModule): number {
  const { collectDuration, duration } = module.diagnostic();
  return collectDuration + duration;
}
