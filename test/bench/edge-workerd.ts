// The Worker and the bare forwarder in one plain workerd: no proxy of wrangler's before them, the account objects in databases as ever.
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Part, plainEnvironment } from "#scripts/stack/part.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { expectOk } from "#scripts/stack/probe.ts";

export type Workerd = { part: Part; edge: string; bare: string };

export async function edgeWorkerd(needs: {
  root: string;
  folder: string;
  /** Where the objects' databases are. */
  objects: string;
  compatibilityDate: string;
  /** The Worker's, without its bindings. */
  variables: Record<string, string>;
  /** Costs something itself, so it listens only when a profile is wanted. */
  inspectorPort: number | undefined;
}): Promise<Workerd> {
  const { root, folder, objects, compatibilityDate, variables, inspectorPort } = needs;
  const [edgePort, barePort] = [await freePort(), await freePort()];
  await Promise.all([
    bundle(root, "edge/main.ts", join(folder, "edge"), compatibilityDate),
    bundle(root, "test/bench/edge-bare.ts", join(folder, "bare"), compatibilityDate),
  ]);
  const config = configOf({ objects, edgePort, barePort, compatibilityDate, variables });
  await writeFile(join(folder, "workerd.capnp"), config, { mode: 0o600 });
  const edge = `http://127.0.0.1:${edgePort}`;
  const part: Part = {
    name: "workerd",
    command: [
      join(root, `node_modules/@cloudflare/workerd-linux-${process.arch === "x64" ? "64" : process.arch}/bin/workerd`),
      ...["serve", "--import-path", join(root, "node_modules"), join(folder, "workerd.capnp")],
      ...(inspectorPort === undefined ? [] : ["--inspector-addr", `127.0.0.1:${inspectorPort}`]),
    ],
    environment: plainEnvironment(process.env),
    logPath: join(folder, "workerd.log"),
    probe: (signal) => expectOk(edge, "/health/live", signal),
    readyWithinMs: 20_000,
    stopWithinMs: 2_000,
  };
  return { part, edge, bare: `http://127.0.0.1:${barePort}` };
}

/** As a deployment would send it. */
async function bundle(root: string, main: string, folder: string, compatibilityDate: string): Promise<void> {
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  const config = join(folder, "wrangler.json");
  await mkdir(folder, { recursive: true });
  await writeFile(config, JSON.stringify({ name: "bench", main: join(root, main), compatibility_date: compatibilityDate }));
  const argv = [wrangler, "deploy", "--dry-run", "--config", config, "--outdir", folder];
  const env = { ...plainEnvironment(process.env), WRANGLER_SEND_METRICS: "false", WRANGLER_LOG_PATH: join(folder, "logs") };
  await promisify(execFile)(process.execPath, argv, { cwd: root, env });
}

/** Texts of JSON are texts of Cap'n Proto too. */
const text = (value: string): string => JSON.stringify(value);

type Needs = { objects: string; edgePort: number; barePort: number; compatibilityDate: string; variables: Record<string, string> };

function configOf({ objects, edgePort, barePort, compatibilityDate, variables }: Needs): string {
  const bindings = Object.entries(variables).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "edge", worker = (
      modules = [(name = "main.js", esModule = embed "edge/main.js")],
      compatibilityDate = ${text(compatibilityDate)},
      durableObjectNamespaces = [(className = "AccountObject", uniqueKey = "accounts", enableSql = true)],
      durableObjectStorage = (localDisk = "objects"),
      bindings = [
        ${bindings.join(",\n        ")},
        (name = "ACCOUNTS", durableObjectNamespace = "AccountObject"),
        (name = "UPLOADS", r2Bucket = "internet"),
        (name = "RESULTS", r2Bucket = "internet"),
      ],
    )),
    (name = "bare", worker = (
      modules = [(name = "edge-bare.js", esModule = embed "bare/edge-bare.js")],
      compatibilityDate = ${text(compatibilityDate)},
      bindings = [(name = "ORIGIN_URL", text = ${text(variables.ORIGIN_URL ?? "")})],
    )),
    (name = "objects", disk = (path = ${text(objects)}, writable = true)),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [
    (name = "edge", address = "127.0.0.1:${edgePort}", http = (), service = "edge"),
    (name = "bare", address = "127.0.0.1:${barePort}", http = (), service = "bare"),
  ],
);
`;
}
