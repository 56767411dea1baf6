// Builds the images, starts docker/compose.yaml with compose.dev.yaml as a project of its own, runs the acceptance suite and the proofs on it, and
// takes it down. Needs a Docker engine with Compose, and root for the faults. The images are kept.
//   npm run test:docker [-- acceptance-docker|docker]
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runProject } from "#scripts/checks/run-project.ts";
import { closingLine, sum, type Tally } from "#scripts/checks/tally.ts";
import { proveByConverting } from "#scripts/convert/prove.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { imageSizes } from "./support/image-sizes.ts";
import { projectNamed } from "./support/project.ts";

const root = join(import.meta.dirname, "../..");
const { positionals } = parseArgs({ allowPositionals: true });
const suites = positionals.length > 0 ? positionals : ["acceptance-docker", "docker"];
const withinMs = 20 * 60_000;
const upWithinMs = 10 * 60_000;

const port = await freePort();
const name = `trusty-test-${port}`;
Object.assign(process.env, { TRUSTY_DOCKER_PROJECT: name, TRUSTY_PORT: `${port}`, TRUSTY_VERSION: "test", ENGINES: "2" });
const project = projectNamed(name, port);
const seconds = (since: number) => `${((performance.now() - since) / 1_000).toFixed(1)} s`;
const down = () => project.compose("down", "--volumes", "--remove-orphans", "--timeout", "5");
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void down().finally(() => process.exit(1)));

const tallies: Tally[] = [];
try {
  const building = performance.now();
  await project.compose("build", "--quiet");
  console.log(`== images, built in ${seconds(building)}\n${await imageSizes(project.docker, "test")}\n`);

  const starting = performance.now();
  await project.compose("up", "--detach");
  const signal = AbortSignal.timeout(upWithinMs);
  console.log(`== from \`up\` to the first converted document: ${await firstConversion(signal)} after ${seconds(starting)}\n`);
  tallies.push({ passed: 1, failed: 0, skipped: 0 });
  for (const suite of suites) {
    const startedAt = performance.now();
    const tally = await runProject(root, suite, withinMs);
    tallies.push(tally);
    console.log(`== ${suite}: ${closingLine(tally)} (${seconds(startedAt)})\n`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  tallies.push({ passed: 0, failed: 1, skipped: 0 });
}
const total = sum(tallies);
if (total.failed > 0) console.error(await project.compose("logs", "--no-color", "--tail", "40").catch(String));
await down();
console.log(closingLine(total));
process.exitCode = total.failed > 0 ? 1 : 0;

async function firstConversion(signal: AbortSignal): Promise<string> {
  const edge = await project.one("edge");
  for (;;) {
    try {
      const token = await project.exec(edge.id, ["node", "scripts/compose/dev-key.ts"]);
      return await proveByConverting({ address: project.address, token, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
