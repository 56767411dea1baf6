// How an engine box is started on a machine without containers: under bubblewrap, with no network and almost no files.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BoxHealth } from "#contract/box.ts";
import type { Lane } from "#contract/operation.ts";
import { bubblewrap, sandboxed, socketFolder } from "./sandbox.ts";

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
  /** Instead of the box's own program, for tests of the sandbox. */
  program?: readonly string[];
  /** Allows a box without a sandbox where bubblewrap is missing. */
  allowBare?: boolean;
};

export type BoxCommand = { command: string; args: string[]; env: Record<string, string>; socket: string };

const workspaceBytesStandard = 4_000_000_000;

export function boxCommand(options: BoxOptions): BoxCommand {
  const socket = join(options.socketDir, "box.sock");
  mkdirSync(options.socketDir, { recursive: true, mode: 0o700 });
  if (existsSync(bubblewrap)) {
    const { repo, socketDir, python, program, workspaceBytes = workspaceBytesStandard, cpus = 1 } = options;
    const environment = boxEnvironment(options);
    return { ...sandboxed({ repo, socketDir, python, workspaceBytes, cpus, environment, program }), env: {}, socket };
  }
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

export type RunningBox = { address: string; socket: string; child: ChildProcess; log(): string; stop(): Promise<void> };

/** Starts a box and waits until it is ready. */
export async function startBox(options: Omit<BoxOptions, "socketDir"> & { socketDir?: string; readyMs?: number }): Promise<RunningBox> {
  const socketDir = options.socketDir ?? mkdtempSync(join(tmpdir(), "box-"));
  const { command, args, env, socket } = boxCommand({ ...options, socketDir });
  rmSync(socket, { force: true });
  socketFolder(socketDir, "open");
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (log = `${log}${chunk}`.slice(-64_000)));
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    if (!options.socketDir) rmSync(socketDir, { recursive: true, force: true });
  };
  const deadline = Date.now() + (options.readyMs ?? 90_000);
  while (!(await boxHealth(socket))?.ready) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`the engine box did not become ready:\n${log}`);
    }
    await sleep(50);
  }
  socketFolder(socketDir, "sealed");
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
