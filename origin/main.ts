// node origin/main.ts all|api|worker|migrate, or what an operator does by hand (docs/operations.md)
import { parseConfig } from "./config.ts";
import { openDatabase } from "./db/database.ts";
import { prepare } from "./db/prepare.ts";
import { openLog } from "./log.ts";
import { operate, operatorVerbs } from "./operate/operate.ts";
import { shutDownOnSignal } from "./shutdown.ts";
import { type Role, roles, wire } from "./wire.ts";

const role = process.argv[2] ?? "all";
const verb = operatorVerbs[role];
if (!verb && !(roles as readonly string[]).includes(role)) {
  console.error(`usage: node origin/main.ts ${[...roles, ...Object.keys(operatorVerbs)].join("|")}`);
  process.exit(2);
}
try {
  if (verb) process.exitCode = await operate(verb, parseConfig(process.env), process.argv.slice(3));
  else await start(role as Role);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

async function start(role: Role): Promise<void> {
  const config = parseConfig(process.env);
  const log = openLog(config.LOG_LEVEL, role);
  if (role === "migrate") {
    const database = await openDatabase({ url: config.DATABASE_URL, dataDir: config.DATA_DIR, onError: () => {} });
    await prepare(database);
    await database.close();
    log.info("migrated");
    return;
  }
  const { port, phases } = await wire(role, config, log);
  log.info({ port, node: process.version }, "ready");
  shutDownOnSignal(phases, log);
}
