import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Compose asks the registry of a name before it builds: a name without a host is somebody's at Docker Hub, whoever registers it first. */
test("what Compose builds has a name that no registry but this machine's own could answer for", () => {
  const named = globSync("docker/compose*.yaml").flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/^ +image: (\S*trustyconvert\S*)$/gm)].map(([, name]) => name),
  );
  expect(named.length).toBeGreaterThan(2);
  for (const name of named) expect(name).toMatch(/^(\$\{TRUSTY_IMAGES:-)?localhost\//);
});
