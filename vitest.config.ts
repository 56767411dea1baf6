import { defineConfig } from "vitest/config";

/** What needs a running system is slow, and shares two cores: one file at a time. */
const system = (name: string, globalSetup: string[] = []) => ({
  test: {
    name,
    globalSetup,
    include: [`test/${name}/**/*.test.ts`],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["{contract,edge,origin,scripts}/**/*.test.ts"], testTimeout: 10_000 } },
      system("engine"),
      system("edge"),
      system("integration"),
      system("hostile"),
      system("acceptance", ["test/acceptance/support/stack.ts"]),
    ],
  },
});
