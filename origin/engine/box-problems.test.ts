import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { boxProblems } from "#contract/box.ts";
import { problemCodes } from "#contract/problems.ts";

test("every problem that a box's code names is one that the worker believes of a box", () => {
  const files = globSync(["origin/engine/**/*.ts", "contract/operations/*.ts", "contract/{parse,operation}.ts"]);
  const quoted = files
    .filter((file) => !file.endsWith(".test.ts"))
    .flatMap((file) => [...readFileSync(file, "utf8").matchAll(/"([a-z-]+)"/g)].map(([, word]) => word));
  const named = new Set(problemCodes.filter((code) => quoted.includes(code)));
  expect(named.size).toBeGreaterThan(20);
  expect([...named].filter((code) => !boxProblems.some((known) => known === code))).toEqual([]);
});
