// Builds the images, starts docker/compose.yaml with compose.dev.yaml as a project of its own, runs the acceptance suite, the proofs and the
// faults on it, rehearses the life of a host on others, and takes it down. Needs a Docker engine with Compose, and root for the faults.
//   npm run test:docker [-- acceptance-docker|docker|host]
import { join } from "node:path";
import { runProject } from "#scripts/checks/run-project.ts";
import { closingLine, sum, type Tally } from "#scripts/checks/tally.ts";
import { readArguments } from "#scripts/read-arguments.ts";
import { imageSizes } from "./support/image-sizes.ts";
import { newProject, startProject } from "./support/start-project.ts";

const root = join(import.meta.dirname, "../..");
const { positionals } = readArguments(import.meta.filename, { allowPositionals: true });
const suites = positionals.length > 0 ? positionals : ["acceptance-docker", "docker", "host"];
const suiteWithinMs = 20 * 60_000;

const { project, down } = await newProject("trusty-test", { ENGINES: "2" });
const seconds = (since: number) => `${((performance.now() - since) / 1_000).toFixed(1)} s`;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void down().finally(() => process.exit(1)));

const tallies: Tally[] = [];
try {
  const building = performance.now();
  await project.compose("build", "--quiet");
  console.log(`== images, built in ${seconds(building)}\n${await imageSizes(project.docker, "test")}\n`);

  const starting = performance.now();
  const converted = await startProject(project);
  console.log(`== from \`up\` to the first converted document: ${seconds(starting)}\n${converted}\n`);
  for (const suite of suites) {
    const startedAt = performance.now();
    console.log(`== ${suite}`);
    const tally = await runProject(root, suite, suiteWithinMs);
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
