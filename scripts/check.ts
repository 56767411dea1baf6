// Everything that can be said about the code without starting a service.
import { join } from "node:path";
import { runParts } from "./checks/run-parts.ts";
import { runProject } from "./checks/run-project.ts";
import { closingLine, sum } from "./checks/tally.ts";

const root = join(import.meta.dirname, "..");
const tally = sum([await runParts(root, console.log), await runProject(root, "unit", 600_000)]);
console.log(closingLine(tally));
if (tally.failed > 0) process.exitCode = 1;
