// How an engine box is started on a machine without containers: under bubblewrap, with no network and almost no files.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BoxHealth } from "#contract/box.ts";
import type { Lane } from "#contract/operation.ts";

export type BoxOptions = {
  /** The root of the repository. */
  repo: string;
  /** A directory for the box's socket alone; the only thing that it shares with anyone. */
  socketDir: string;
  lanes: readonly Lane[];
  cpus?: number;
  /** A Python that can import unoserver, in a virtual environment; without it soffice is started for each document. */
  python?: string;
  /** More of the box's own variables. */
  env?: Record<string, string>;
  workspaceBytes?: number;
  /** Allows a box without a sandbox where bubblewrap is missing. */
  allowBare?: boolean;
};

export type BoxCommand = { command: string; args: string[]; env: Record<string, string>; socket: string };

const bubblewrap = "/usr/bin/bwrap";
const inside = { app: "/app", node: "/opt/node/bin", python: "/opt/unoserver", sockets: "/run/box" };
const workspaceBytesStandard = 4_000_000_000;

export function boxCommand(options: BoxOptions): BoxCommand {
  const socket = join(options.socketDir, "box.sock");
  mkdirSync(options.socketDir, { recursive: true, mode: 0o700 });
  if (existsSync(bubblewrap)) return { command: bubblewrap, args: sandboxed(options), env: {}, socket };
  if (!options.allowBare)
    throw new Error("bubblewrap is not installed: engine boxes need it (or ALLOW_BARE_ENGINES=1, for a machine of your own)");
  const env = {
    ...boxEnvironment(options),
    BOX_LISTEN: `unix:${socket}`,
    BOX_SANDBOX: "none",
    BOX_WORKSPACE: mkdtempSync(join(tmpdir(), "trusty-box-")),
    ...(options.python && { UNOSERVER_PYTHON: options.python }),
  };
  return { command: process.execPath, args: [join(options.repo, "origin/engine/main.ts")], env, socket };
}

function boxEnvironment({ lanes, cpus, env }: BoxOptions): Record<string, string> {
  return { BOX_LANES: lanes.join(","), BOX_CPUS: `${cpus ?? 1}`, ...env };
}

function sandboxed(options: BoxOptions): string[] {
  const { repo, socketDir, python, workspaceBytes = workspaceBytesStandard } = options;
  const venv = python && existsSync(python) ? dirname(dirname(resolve(python))) : undefined;
  const environment = {
    PATH: "/usr/bin:/bin",
    LANG: "C.UTF-8",
    HOME: "/work",
    TMPDIR: "/tmp",
    ...boxEnvironment(options),
    BOX_LISTEN: `unix:${inside.sockets}/box.sock`,
    BOX_SANDBOX: "bubblewrap",
    BOX_WORKSPACE: "/work",
    ...(venv && { UNOSERVER_PYTHON: `${inside.python}/bin/python` }),
  };
  const shown = (path: string, at = path) => ["--ro-bind-try", path, at];
  return [
    ...["--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"],
    ...["--uid", "65534", "--gid", "65534", "--hostname", "box"],
    ...["--ro-bind", "/usr", "/usr"],
    ...["lib", "lib64", "bin", "sbin"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]),
    // the linker's cache, fonts and LibreOffice's settings; no accounts, no host names
    ...["/etc/ld.so.cache", "/etc/fonts", "/etc/libreoffice", "/etc/alternatives", "/var/cache/fontconfig"].flatMap((path) => shown(path)),
    ...["contract", "origin/engine", "package.json", "node_modules"].flatMap((path) => shown(join(repo, path), `${inside.app}/${path}`)),
    ...shown(dirname(process.execPath), inside.node),
    ...(venv ? [...shown(venv, inside.python), ...pythonBase(venv).flatMap((path) => shown(path))] : []),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...["--size", `${workspaceBytes}`, "--tmpfs", "/work", "--size", "268435456", "--tmpfs", "/tmp"],
    ...["--bind", socketDir, inside.sockets],
    // both are tmpfs without a size: nothing may be written there
    ...["--remount-ro", "/", "--remount-ro", "/dev"],
    ...["--chdir", inside.app],
    ...Object.entries(environment).flatMap(([name, value]) => ["--setenv", name, value]),
    ...["--", `${inside.node}/node`, `${inside.app}/origin/engine/main.ts`],
  ];
}

/** Where a virtual environment's interpreter lives, unless that is under /usr. */
function pythonBase(venv: string): string[] {
  const settings = existsSync(join(venv, "pyvenv.cfg")) ? readFileSync(join(venv, "pyvenv.cfg"), "utf8") : "";
  const home = /^home\s*=\s*(.+)$/m.exec(settings)?.[1]?.trim();
  return home && !home.startsWith("/usr/") ? [dirname(home)] : [];
}

export type RunningBox = { address: string; socket: string; child: ChildProcess; log(): string; stop(): Promise<void> };

/** Starts a box and waits until it is ready. */
export async function startBox(options: Omit<BoxOptions, "socketDir"> & { socketDir?: string; readyMs?: number }): Promise<RunningBox> {
  const socketDir = options.socketDir ?? mkdtempSync(join(tmpdir(), "box-"));
  const { command, args, env, socket } = boxCommand({ ...options, socketDir });
  rmSync(socket, { force: true });
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (log = `${log}${chunk}`.slice(-64_000)));
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    if (!options.socketDir) rmSync(socketDir, { recursive: true, force: true });
  };
  const deadline = Date.now() + (options.readyMs ?? 30_000);
  while (!(await boxHealth(socket))?.ready) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`the engine box did not become ready:\n${log}`);
    }
    await sleep(50);
  }
  return { address: `unix:${socket}`, socket, child, log: () => log, stop };
}

/** What a box says of itself; undefined while it does not answer. */
export async function boxHealth(socket: string): Promise<BoxHealth | undefined> {
  return new Promise((done) => {
    const request = get({ socketPath: socket, path: "/health", timeout: 2_000 }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => done(BoxHealth.safeParse(JSON.parse(text)).data));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => done(undefined));
  });
}
