// Everything that can be said about the code without starting a service.
//   npm run check
import { join } from "node:path";
import { runParts } from "./checks/run-parts.ts";
import { runProject } from "./checks/run-project.ts";
import { closingLine, sum } from "./checks/tally.ts";
import { readArguments } from "./read-arguments.ts";

readArguments(import.meta.filename, {});
const root = join(import.meta.dirname, "..");
const tally = sum([await runParts(root, console.log), await runProject(root, "unit", 600_000)]);
console.log(closingLine(tally));
if (tally.failed > 0) process.exitCode = 1;
