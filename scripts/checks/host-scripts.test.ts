import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "../../docker");
const run = (environment: NodeJS.ProcessEnv, script: string, ...args: string[]) =>
  spawnSync(join(folder, script), args, { env: { PATH: "/usr/bin:/bin", ...environment }, encoding: "utf8" });

test.each(["update", "backup", "restore", "cleanup", "autoscale"])(
  "docker/%s refuses several files of settings, of which containers would get none",
  (script) => {
    const { status, stdout } = run({ COMPOSE_ENV_FILES: "one,two" }, script);
    expect([status, stdout.trimEnd().split("\n").at(-1)]).toEqual([
      1,
      `${script}: failed: COMPOSE_ENV_FILES names several files (one,two), and containers are given one: put them into one`,
    ]);
  },
);

test.each(["--wait soon 1", "--only api 1", "--reload --only", "a/b"])("docker/update does not begin with %s", (words) => {
  const { status, stdout } = run({}, "update", ...words.split(" "));
  expect([status, stdout]).toEqual([2, ""]);
});
