import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** What needs a running system is slow, and shares the cores: limits end what hangs, and say nothing of how long something may take. */
const slow = { testTimeout: 180_000, hookTimeout: 180_000, expect: { poll: { timeout: 60_000 } } };
/** Engines and scanners take all cores: one file at a time. */
const system = (name: string, globalSetup: string[] = [], folder = name) => ({
  test: { ...slow, name, globalSetup, include: [`test/${folder}/**/*.test.ts`], fileParallelism: false },
});

/** Those of the integration tests that need no LibreOffice. */
const light = [
  "auth/*",
  "accounts-*",
  "fair-dispatch",
  "idempotency",
  "job-store",
  "jobs-view*",
  "metrics",
  "one-process",
  "queue-processes",
]
  .concat(["quota*", "redis", "retention", "scanner", "sentinel", "upgrade", "usage", "usage-doors"])
  .map((name) => `test/integration/${name}.test.ts`);
const unit = {
  name: "unit",
  include: ["{contract,edge,origin,scripts}/**/*.test.ts"],
  testTimeout: 30_000,
  expect: { poll: { timeout: 20_000 } },
};
const databases = ["test/integration/support/databases.ts"];
const maxWorkers = Math.min(2, availableParallelism());
const integration = system("integration", databases).test;

export default defineConfig({
  test: {
    projects: [
      // Their files share a process: a module that many of them use is loaded once.
      { test: { ...unit, isolate: false, maxWorkers, sequence: { groupOrder: 3 } } },
      system("engine"),
      { test: { ...slow, name: "edge", include: ["test/edge/**/*.test.ts"], maxWorkers, sequence: { groupOrder: 1 } } },
      { test: { ...slow, name: "light", globalSetup: databases, include: light, maxWorkers, sequence: { groupOrder: 2 } } },
      { test: { ...integration, exclude: light } },
      system("hostile"),
      system("chaos"),
      system("acceptance", ["test/acceptance/support/native-stack.ts"]),
      // of `npm run test:docker`
      system("acceptance-docker", ["test/acceptance/support/docker-stack.ts"], "acceptance"),
      system("docker"),
      system("host"),
    ],
  },
});
