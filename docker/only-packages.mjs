// Leaves in package.json only what one image runs: `node only-packages.mjs NAME…`, or `--without NAME…` of the production packages.
// The lock file keeps deciding the versions.
import { readFileSync, writeFileSync } from "node:fs";

const [first, ...rest] = process.argv.slice(2);
const without = first === "--without";
const names = new Set(without ? rest : [first, ...rest]);
const { dependencies, devDependencies, ...more } = JSON.parse(readFileSync("package.json", "utf8"));
const known = without ? dependencies : { ...dependencies, ...devDependencies };
const unknown = [...names].filter((name) => !(name in known));
if (unknown.length > 0) throw new Error(`package.json has no ${unknown.join(", ")}`);
const kept = Object.entries(known).filter(([name]) => names.has(name) !== without);
writeFileSync("package.json", JSON.stringify({ ...more, dependencies: Object.fromEntries(kept) }));
