// The only place of the box that starts a process: argument lists, an environment made from nothing, a process group of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

export type Limits = { cpuSeconds?: number; fileBytes?: number; addressBytes?: number; dataBytes?: number };

export type Launch = {
  command: string;
  args: readonly string[];
  cwd: string;
  env?: Record<string, string>;
  /** Beside those that the box's processes inherit; without any, the program is started directly. */
  limits?: Limits;
  signal?: AbortSignal;
};

export type Exit = { code: number | null; signal: NodeJS.Signals | null };
export type Output = Exit & { stdout: string; stderr: string; truncated: boolean };

export type Running = { pid: number; stdin: Writable; stdout: Readable; stderr: Readable; ended: Promise<Exit>; kill(): void };

const outputBytesMax = 8_000_000;
const errorBytesMax = 64_000;
/** Only a process that left its group can hold a pipe for so long; a reader that is merely slow must not lose its bytes. */
const closeGraceMs = 5_000;
const children = new Set<ChildProcess>();
/** Groups that were killed lately: their processes may take a moment to die. */
const ended = new Set<number>();
const dyingMs = 20_000;
const baseEnvironment = { PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8", LC_ALL: "C.UTF-8" };

/** Runs a program to its end, with `stdin` as its input. Its output is kept up to a cap, or streamed into `stdoutTo`. */
export async function exec(launch: Launch & { stdin?: string; stdoutTo?: string }): Promise<Output> {
  const running = start(launch);
  running.stdin.end(launch.stdin ?? "");
  const stderr = collect(running.stderr, errorBytesMax);
  if (launch.stdoutTo !== undefined) {
    const stored = pipeline(running.stdout, createWriteStream(launch.stdoutTo, { flags: "a" }), { signal: launch.signal });
    stored.catch(running.kill);
    const exit = await running.ended;
    await stored;
    return { ...exit, stdout: "", stderr: stderr.text(), truncated: false };
  }
  const stdout = collect(running.stdout, outputBytesMax);
  const exit = await running.ended;
  return { ...exit, stdout: stdout.text(), stderr: stderr.text(), truncated: stdout.truncated() };
}

/** Runs `from` with its output as the input of `to`; the bytes do not pass through this process. When one of them ends the other follows. */
export async function pipe(from: Launch, to: Launch): Promise<{ from: Exit; to: Exit }> {
  const target = start(to);
  const source = start(from, target.stdin);
  // From here on only the source holds the target's input: its end is the end of the bytes.
  target.stdin.destroy();
  source.stdin.end();
  source.stderr.resume();
  target.stderr.resume();
  target.stdout.resume();
  const [fromExit, toExit] = await Promise.all([source.ended, target.ended]);
  return { from: fromExit, to: toExit };
}

/** Starts a program as the leader of a new process group, which is killed as a whole: on abort, by `kill`, and when the leader exits. */
export function start({ command, args, cwd, env = {}, limits, signal }: Launch, output: Writable | "pipe" = "pipe"): Running {
  signal?.throwIfAborted();
  const [program, argv] = limits ? ["/usr/bin/prlimit", [...rlimits(limits), "--", command, ...args]] : [command, args];
  const child = spawn(program, argv, {
    cwd,
    env: { ...baseEnvironment, HOME: cwd, TMPDIR: cwd, ...env },
    detached: true,
    stdio: ["pipe", output, "pipe"],
  });
  children.add(child);
  const { stdin, stderr } = child;
  const stdout = child.stdout ?? Readable.from([]);
  if (!stdin || !stderr) throw new Error("a child was started without pipes");
  stdin.on("error", () => {}); // the reader may end before it has read everything
  const kill = () => killGroup(child);
  signal?.addEventListener("abort", kill, { once: true });
  const ended = new Promise<Exit>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => {
      kill(); // what it left behind may still hold its pipes
      setTimeout(
        () =>
          [stdout, stderr].forEach((stream) => {
            stream.destroy();
          }),
        closeGraceMs,
      ).unref();
    });
    child.once("close", (code, exitSignal) => resolve({ code, signal: exitSignal }));
  });
  ended
    .catch(() => {})
    .finally(() => {
      children.delete(child);
      signal?.removeEventListener("abort", kill);
    });
  return { pid: child.pid ?? 0, stdin, stdout, stderr, ended, kill };
}

/** Kills every group that still runs: the box is ending. */
export function killGroups(): void {
  for (const child of children) killGroup(child);
}

export const wasEnded = (group: number): boolean => ended.has(group);

function killGroup({ pid }: ChildProcess): void {
  if (!pid) return;
  ended.add(pid);
  setTimeout(() => ended.delete(pid), dyingMs).unref();
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // the group is gone already
  }
}

function rlimits({ cpuSeconds, fileBytes, addressBytes, dataBytes }: Limits): string[] {
  const given = { cpu: cpuSeconds, fsize: fileBytes, as: addressBytes, data: dataBytes };
  return ["--core=0", ...Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))];
}

function collect(stream: Readable, bytesMax: number): { text(): string; truncated(): boolean } {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    if (bytes < bytesMax) chunks.push(chunk.subarray(0, bytesMax - bytes));
    bytes += chunk.length;
  });
  stream.on("error", () => {});
  return { text: () => Buffer.concat(chunks).toString("utf8"), truncated: () => bytes > bytesMax };
}
