import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { variables } from "#origin/config.ts";

const script = readFileSync(join(import.meta.dirname, "../../docker/backup"), "utf8");
const pattern = /^secret_names='(.+)'$/m.exec(script)?.[1] ?? "no pattern";
const leftOut = (name: string) => new RegExp(`^[A-Z0-9_]*(${pattern})[A-Z0-9_]*=`).test(`${name}=value`);

test("docker/backup leaves every secret variable out of the configuration that it saves, and keeps the others", () => {
  const rows = Object.entries(variables) as [string, { secret?: true }][];
  expect(rows.filter(([name, { secret }]) => secret && !leftOut(name))).toEqual([]);
  expect(["R2_ENDPOINT", "PUBLIC_URL", "TRUSTY_VERSION", "ENGINES", "CLAMD", "QUEUE_PREFIX"].filter(leftOut)).toEqual([]);
});
