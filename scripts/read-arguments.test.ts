import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };

const root = join(import.meta.dirname, "..");
/** The program of this folder that a command of `npm run` ends in. */
const commands = Object.entries(manifest.scripts).flatMap(([name, line]) => {
  const file = /\bnode (scripts\/\S+\.ts)$/.exec(line)?.[1];
  return file === undefined ? [] : [{ name, file }];
});
const run = (file: string, ...argv: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, file), ...argv], { encoding: "utf8", env: {} });
  return { status, stdout, stderr };
};

test.each(commands)("npm run $name -- --help says how it is called, and does nothing", ({ name, file }) => {
  const { status, stdout, stderr } = run(file, "--help");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(new RegExp(`npm (run )?${name}\\b`));
});

test("what is not understood changes nothing, is named, and ends with 2", () => {
  const { status, stdout, stderr } = run("scripts/down.ts", "--now");
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain("--now");
  expect(stderr).toContain("npm run down");
});
