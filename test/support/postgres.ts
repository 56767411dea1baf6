import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Part, plainEnvironment } from "#scripts/stack/part.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { type Started, startPart, temporaryFolder } from "./start-part.ts";

const run = promisify(execFile);
const packages = "/usr/lib/postgresql";

/** The newest PostgreSQL that Debian installed. */
async function programs(): Promise<string> {
  const versions = await readdir(packages).catch(() => [] as string[]);
  const [newest] = versions.sort((a, b) => Number(b) - Number(a));
  if (newest === undefined) throw new Error("PostgreSQL is not installed: sh scripts/install.sh --test");
  return join(packages, newest, "bin");
}

/** A PostgreSQL server of one's own, empty, that forgets everything at the end. */
export async function startPostgres(): Promise<Started> {
  const folder = await temporaryFolder("postgres");
  const { part, url } = await postgresPart({ folder, settings: { fsync: "off", full_page_writes: "off" } });
  return startPart(part, { url, folder });
}

/** A new database cluster in the folder, and how its server is started, again and again. */
export async function postgresPart({ folder, settings }: { folder: string; settings: Record<string, string> }) {
  const bin = await programs();
  // PostgreSQL refuses to run as root.
  const asUser =
    process.getuid?.() === 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig", "KILL"] : [];
  if (asUser.length > 0) await run("chown", ["postgres:postgres", folder]);
  const environment = { ...plainEnvironment(process.env), HOME: folder };
  const data = join(folder, "data");
  const initdb = [
    ...asUser,
    join(bin, "initdb"),
    "-D",
    data,
    "-U",
    "postgres",
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--locale=C.UTF-8",
    "--no-sync",
  ];
  await runFirst(initdb, environment);
  const port = await freePort();
  const all = { listen_addresses: "127.0.0.1", port, unix_socket_directories: folder, max_connections: 200, ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = [...asUser, join(bin, "postgres"), "-D", data, ...flags];
  const [program = "", ...argv] = server;
  const part: Part = {
    name: "postgres",
    command: [program, ...argv],
    environment,
    logPath: join(folder, "postgres.log"),
    probe: (signal: AbortSignal) => run(join(bin, "pg_isready"), ["-h", "127.0.0.1", "-p", `${port}`, "-q"], { signal }),
    readyWithinMs: 60_000,
    // It would wait for every client to leave.
    stopWithinMs: 300,
  };
  return { part, url: `postgresql://postgres@127.0.0.1:${port}/postgres` };
}

async function runFirst([program = "", ...argv]: string[], env: Record<string, string>): Promise<void> {
  await run(program, argv, { env, cwd: "/" });
}
