import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
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

test("a nightly backup that nobody named the recipient of says so, and writes nothing", () => {
  const unit = readFileSync(join(folder, "trustyconvert-backup.service"), "utf8");
  const [program = "", ...words] = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(" ") ?? [];
  // systemd puts one empty word where a variable is not set.
  const args = words.map((word) => (/^\$\{\w+\}$/.test(word) ? "" : word));
  expect(args).toContain("");
  const { status, stderr } = spawnSync(program, args, { cwd: join(folder, ".."), env: { PATH: "/usr/bin:/bin" }, encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr).toContain("backup: --age needs a value, and got none");
});
