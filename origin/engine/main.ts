// The engine box: one slot that parses customers' files. It has no network, no secret and nobody else's files.
import { accessSync, constants, existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { alone } from "./alone.ts";
import { callers } from "./callers.ts";
import { parseBoxConfig } from "./config.ts";
import { killGroups } from "./exec.ts";
import { installedFonts } from "./fonts/installed-fonts.ts";
import { missingFonts } from "./fonts/missing-fonts.ts";
import type { OfficeDriver } from "./office/driver.ts";
import { SofficeDriver } from "./office/soffice.ts";
import { UnoServer } from "./office/unoserver.ts";
import { boxServer } from "./server.ts";
import { openSlot } from "./slot.ts";
import { toolVersions } from "./versions.ts";

/** A caller says every two seconds that it lives. */
const silenceMsMax = 8_000;

const config = parseBoxConfig(process.env);
const workspace = config.BOX_WORKSPACE;
await mkdir(workspace, { recursive: true });

/** In a sandbox these folders and all processes are the box's own. */
const sealed = config.BOX_SANDBOX !== "none";
const slot = openSlot(workspace, silenceMsMax, {
  ...(sealed && { temporary: [tmpdir(), "/dev/shm"].filter(isWritable) }),
  ...(sealed && process.ppid === 1 && { alone: () => ending() }),
});
slot.clear();
const leaves = new AbortController();
const leaving = leaves.signal;
const office = config.BOX_LANES.includes("office") ? officeDriver() : undefined;
const ending = alone(office, () => stop(1));
void office?.start();
const [versions, fonts] = await Promise.all([toolVersions(workspace), installedFonts(workspace)]);
const engine = {
  python: config.UNOSERVER_PYTHON,
  lanes: config.BOX_LANES,
  cpus: config.BOX_CPUS,
  resultBytesMax: config.BOX_RESULT_BYTES_MAX,
  inspectLimits: { memberBytesMax: config.BOX_INPUT_BYTES_MAX },
  office,
  fonts,
  facts: () => ({ sandbox: config.BOX_SANDBOX, versions: { ...versions, ...missingFonts(fonts), ...office?.versions() } }),
};
const server = boxServer({ engine, slot, leaving, inputBytesMax: config.BOX_INPUT_BYTES_MAX }, callers(config.BOX_CALLERS));

if (config.BOX_LISTEN.startsWith("unix:")) {
  const path = config.BOX_LISTEN.slice("unix:".length);
  await rm(path, { force: true });
  server.listen(path);
} else {
  const port = config.BOX_LISTEN.lastIndexOf(":");
  server.listen(Number(config.BOX_LISTEN.slice(port + 1)), config.BOX_LISTEN.slice("tcp://".length, port).replace(/^\[|\]$/g, ""));
}
server.once("listening", () => console.log(`engine box on ${config.BOX_LISTEN}`));
server.once("error", (error) => {
  console.error(error.message);
  stop(1);
});

for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.on(signal, () => {
    if (leaving.aborted) stop(0);
    void leave().then(() => stop(0));
  });

/** Takes no other task, and lets the one that runs come to its end. */
async function leave(): Promise<void> {
  leaves.abort();
  for (const until = Date.now() + config.BOX_GRACE_MS; slot.busy && Date.now() < until; ) await sleep(100);
}

/** Nothing is finished: groups are killed, and the worker hands the job to another box. */
function stop(code: number): never {
  office?.stop();
  killGroups();
  process.exit(code);
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function officeDriver(): OfficeDriver {
  const folder = join(workspace, "office");
  const python = config.UNOSERVER_PYTHON;
  if (!python || !existsSync(python)) return new SofficeDriver({ folder });
  return new UnoServer({
    python,
    folder,
    documentsMax: config.OFFICE_DOCUMENTS_MAX,
    ageMinutesMax: config.OFFICE_AGE_MINUTES_MAX,
    memoryBytesMax: config.OFFICE_MEMORY_BYTES_MAX,
    isFree: () => !slot.busy,
    clear: () => slot.clear(),
  });
}
