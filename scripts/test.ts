// Runs the checks and every test project, one after another, and closes with the counts.
//   npm test                   everything
//   npm test -- unit light     some projects
import { join } from "node:path";
import { runParts } from "./checks/run-parts.ts";
import { runProject } from "./checks/run-project.ts";
import { closingLine, sum, type Tally } from "./checks/tally.ts";
import { notUnderstood, readArguments } from "./read-arguments.ts";

const root = join(import.meta.dirname, "..");
const projects = ["unit", "engine", "edge", "light", "integration", "hostile", "chaos", "acceptance"];
/** A project that hangs is ended; on a quiet machine the slowest takes a quarter of it. */
const projectWithinMs = 25 * 60_000;

const { positionals } = readArguments(import.meta.filename, { allowPositionals: true });
const unknown = positionals.filter((name) => name !== "check" && !projects.includes(name));
if (unknown.length > 0)
  notUnderstood(import.meta.filename, `There is no test project ${unknown.join(", ")}; there are check, ${projects.join(", ")}.`);
const wanted = (name: string) => positionals.length === 0 || positionals.includes(name);

const tallies: Tally[] = [];
const note = (name: string, tally: Tally, startedAt: number) => {
  tallies.push(tally);
  console.log(`== ${name}: ${closingLine(tally)} (${((performance.now() - startedAt) / 1_000).toFixed(0)} s)\n`);
};

if (wanted("check")) {
  const startedAt = performance.now();
  note("check", await runParts(root, console.log), startedAt);
}
for (const project of projects.filter(wanted)) {
  const startedAt = performance.now();
  console.log(`== ${project}`);
  note(project, await runProject(root, project, projectWithinMs), startedAt);
}
const total = sum(tallies);
console.log(closingLine(total));
process.exitCode = total.failed > 0 ? 1 : 0;
