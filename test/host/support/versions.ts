// Versions of our images for tests of docker/update.
import { changedImage } from "./host.ts";

export const [next, halfMigrated, mute, sick] = ["host-test-next", "host-test-half-migrated", "host-test-mute", "host-test-sick"];

/** `next` tells another version than ours; the others have something wrong with them. */
export async function makeVersions(): Promise<void> {
  for (const version of [next, halfMigrated, mute, sick]) await changedImage("engine", version, "LABEL release=next");
  await changedImage("origin", next, changedBy(tellAnotherVersion));
  await changedImage("origin", halfMigrated, changedBy(addMigration));
  await changedImage("origin", mute, startedBy(refuseAsApi));
  await changedImage("origin", sick, startedBy(endWorkers));
}

const node = (program: string) => JSON.stringify(["/usr/local/bin/node", "-e", program.replaceAll("\n", " ")]);
const changedBy = (program: string) => `USER root\nRUN ${node(program)}\nUSER 10001:10001`;
const startedBy = (program: string) => `ENTRYPOINT ${node(program).replace(/]$/, ', "origin/main.ts"]')}`;

const tellAnotherVersion = `
  const fs = require("fs"), file = "/app/contract/openapi.gen.json", contract = JSON.parse(fs.readFileSync(file));
  contract.info.version = "9.9.9";
  fs.writeFileSync(file, JSON.stringify(contract));`;

/** A migration whose second statement fails. */
const addMigration = `
  const fs = require("fs"), folder = "/app/origin/db/migrations/", journal = JSON.parse(fs.readFileSync(folder + "meta/_journal.json"));
  journal.entries.push({ ...journal.entries.at(-1), idx: 9999, when: Date.now(), tag: "9999_half" });
  fs.writeFileSync(folder + "meta/_journal.json", JSON.stringify(journal));
  fs.writeFileSync(folder + "9999_half.sql", "create table half_done (id text);--> statement-breakpoint select 1/0;");`;

/** Listens at once, and refuses everybody. */
const refuseAsApi = `
  if (process.argv[2] === "api") require("http").createServer((_, answer) => answer.writeHead(503).end()).listen(8788);
  else import("/app/origin/main.ts")`;

const endWorkers = `process.argv[2] === "worker" && process.exit(1); import("/app/origin/main.ts")`;
