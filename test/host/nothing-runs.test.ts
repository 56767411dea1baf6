// The scripts of docker/ on a host where nothing was started.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const project = `trusty-nothing-${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), "nothing-runs-"));
const settings = join(folder, "env");
writeFileSync(settings, "R2_ENDPOINT=https://store.example.com\nPUBLIC_URL=https://api.example.com\n");
afterAll(() => rmSync(folder, { recursive: true }));
const environment = { PATH: process.env.PATH, COMPOSE_PROJECT_NAME: project, COMPOSE_ENV_FILES: settings };
const script = (name: string, ...args: string[]) => {
  const path = join(import.meta.dirname, "../../docker", name);
  return spawnSync(path, args, { encoding: "utf8", env: environment });
};
const madeBy = (what: string) =>
  spawnSync("docker", [what, "ls", "-q", "--filter", `label=com.docker.compose.project=${project}`], { encoding: "utf8" }).stdout;

test.each([
  ["cleanup", "no postgres runs here"],
  ["cleanup --dry-run", "no postgres runs here"],
  ["backup --plain", "no postgres runs here"],
  ["backup --plain --dry-run", "no postgres runs here"],
  ["update next", "nothing runs here"],
  ["update --reload --only appi next", "--only appi: only of api worker"],
])("docker/%s says so, and makes neither network nor volume", (line, said) => {
  const [name = "", ...args] = line.split(" ");
  const { status, stdout } = script(name, ...args);
  expect({ status, stdout }).toEqual({ status: 1, stdout: expect.stringContaining(`${name}: failed: ${said}`) });
  expect(madeBy("network") + madeBy("volume")).toBe("");
});

test.each([
  ["update 1.0.1 1.0.2", "one VERSION, and got 1.0.1 and 1.0.2"],
  ["update --reload --only", "--only needs a value"],
  ["restore a.tar b.tar", "one FILE, and got a.tar and b.tar"],
])("docker/%s is not understood, and says why", (line, why) => {
  const [name = "", ...args] = line.split(" ");
  const { status, stderr } = script(name, ...args);
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(`${name}: ${why}`) });
});
