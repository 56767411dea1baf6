// node test/chaos/origin.ts api|worker: an origin as origin/main.ts starts it, with the drill's traps around its parts.
import { parseConfig } from "#origin/config.ts";
import { openLog } from "#origin/log.ts";
import { shutDownOnSignal } from "#origin/shutdown.ts";
import { wire } from "#origin/wire.ts";
import { around } from "./around.ts";
import { brokenOf } from "./broken.ts";
import { journalOf } from "./journal.ts";
import { trapsOf } from "./traps.ts";

const role = process.argv[2] === "api" ? "api" : "worker";
const { CHAOS_FOLDER: folder = "", CHAOS_NAME: name = role, CHAOS_BREAK: broken } = process.env;
const config = parseConfig(process.env);
const log = openLog(config.LOG_LEVEL, name);
const note = journalOf(folder, name);
const trap = trapsOf(folder, (point) => note({ event: "died", point }));
try {
  const { phases } = await wire(role, config, log, around(role, trap, note, brokenOf(broken)));
  shutDownOnSignal(phases, log);
} catch (error) {
  console.error(error);
  process.exit(1);
}
