// Writes everything that is made from a table or a folder listing.
//   npm run generate [-- --check]     --check writes nothing and fails when something would change
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { differences } from "./generate/differences.ts";
import { migrations } from "./generate/migrations.ts";
import { operationsIndex } from "./generate/operations-index.ts";
import { readArguments } from "./read-arguments.ts";

const root = join(import.meta.dirname, "..");
const checking = readArguments(import.meta.filename, { options: { check: { type: "boolean", default: false } } }).values.check;
const stale: string[] = [];

type Generated = { path: string; text: string };

async function put({ path, text }: Generated): Promise<void> {
  const target = join(root, path);
  const present = await readFile(target, "utf8").catch(() => "");
  if (present === text) return;
  stale.push(`${path}\n${differences(present, text)}`);
  if (checking) return;
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, text);
  console.log(`wrote ${path}`);
}

// First, because the others read the operations through it.
await put(await operationsIndex(root));
const { openapi } = await import("./generate/openapi.ts");
const { problemsPage } = await import("./generate/problems-page.ts");
const { scannerPage } = await import("./generate/scanner-page.ts");
const { clamdConf } = await import("./generate/clamd-conf.ts");
const { metricsPage } = await import("./generate/metrics-page.ts");
const { configPage, environmentExample } = await import("./generate/config-page.ts");
await put(await openapi(root));
await put(problemsPage());
await put(scannerPage());
await put(clamdConf());
await put(metricsPage());
await put(await configPage(root));
await put(environmentExample());
stale.push(...(await migrations(root, checking)));

if (checking && stale.length > 0) {
  console.error(`${stale.length} generated files are not up to date; run npm run generate:\n\n${stale.join("\n\n")}`);
  process.exitCode = 1;
}
