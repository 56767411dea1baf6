import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "../../docker/systemd");
const verifier = spawnSync("systemd-analyze", ["--version"]).status === 0;

test.skipIf(!verifier)(`systemd accepts the units of docker/systemd${verifier ? "" : " (not run: no systemd-analyze here)"}`, () => {
  const units = readdirSync(folder).map((name) => join(folder, name));
  // Fails where it exits with another code, and says why.
  execFileSync("systemd-analyze", ["verify", ...units], { encoding: "utf8", stdio: "pipe" });
  expect(units.length).toBeGreaterThan(0);
});
