import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { variables } from "#origin/config.ts";

const script = readFileSync(join(import.meta.dirname, "../../docker/backup"), "utf8");
const names = /^secret_names='(.+)'$/m.exec(script)?.[1] ?? "";
const filter = /grep -Ev "(\S+)" "\$env_file"/.exec(script)?.[1]?.replace("$secret_names", names) ?? "no filter";
const leftOut = (line: string) => new RegExp(filter).test(line);

test("docker/backup leaves every secret variable out of the configuration that it saves, however its line is written, and keeps the others", () => {
  const rows = Object.entries(variables) as [string, { secret?: true }][];
  const secrets = rows.filter(([, { secret }]) => secret).map(([name]) => name);
  const lines = secrets.flatMap((name) => [`${name}=x`, `export ${name}=x`, `  ${name} = x`, `${name}: x`, `# ${name}=x`]);
  expect(lines.filter((line) => !leftOut(line))).toEqual([]);
  const others = ["R2_ENDPOINT=https://x", "PUBLIC_URL=https://x", "TRUSTY_VERSION=1", "ENGINES=2", "CLAMD=x", "QUEUE_PREFIX=x", "# notes"];
  expect(others.filter(leftOut)).toEqual([]);
});
