// Makes the secret files of a deployment, and says which belong where. Never writes over one, and never prints one.
//   npm run secrets -- --dir DIR [--containers [--first-id 100000]] [--postgres postgres:5432/trusty] [--redis redis:6379]
// --containers gives each file to the user of the container that reads it; --first-id is for a Docker with userns-remap: where its range begins in /etc/subuid.
import { resolve } from "node:path";
import { notUnderstood, readArguments } from "./read-arguments.ts";
import { giveToContainers } from "./secrets/give-to-containers.ts";
import { type MadeSecrets, makeSecrets } from "./secrets/make-secrets.ts";
import type { SecretFile } from "./secrets/secret-files.ts";

const here = process.env.INIT_CWD ?? process.cwd();

try {
  const { values } = readArguments(import.meta.filename, {
    options: {
      dir: { type: "string" },
      postgres: { type: "string", default: "postgres:5432/trusty" },
      redis: { type: "string", default: "redis:6379" },
      containers: { type: "boolean", default: false },
      "first-id": { type: "string", default: "0" },
    },
  });
  if (values.dir === undefined) notUnderstood(import.meta.filename, "--dir says where.");
  const folder = resolve(here, values.dir);
  tell(folder, makeSecrets(folder, values));
  const firstId = Number(values["first-id"]);
  if (!Number.isSafeInteger(firstId) || firstId < 0) throw new Error("--first-id is a number, the second of the line in /etc/subuid");
  if (values.containers) for (const line of giveToContainers(folder, firstId)) console.log(line);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function tell(folder: string, { made, kept, missing }: MadeSecrets): void {
  const list = (title: string, files: readonly SecretFile[]) => {
    if (files.length > 0)
      console.log(`${title}\n${files.map(({ name, readers }) => `  ${name.padEnd(22)} ${readers.join(", ")}`).join("\n")}\n`);
  };
  list(`Made in ${folder} (mode 0600), with who reads each:`, made);
  list("Were there already, and were left as they are:", kept);
  if (missing.length > 0) {
    console.log("Drawn by somebody else; write them yourself (the shell keeps them out of its history):");
    for (const { name, from } of missing) console.log(`  (umask 077; cat > ${folder}/${name})   # ${from}, then Ctrl-D`);
    console.log("");
  }
  console.log("The origin reads each as NAME_FILE. The edge gets its own with wrangler, from the repository:");
  for (const { name } of [...made, ...kept, ...missing].filter(({ readers }) => readers.includes("edge")))
    console.log(`  wrangler secret put ${name.toUpperCase()} < ${folder}/${name}`);
  console.log(
    "\nKeep a copy where the host's disk is not: without options_key and auth_secret a backup of the database opens only in part.",
  );
}
