import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Part } from "./part.ts";

const livedLongMs = 10_000;
const quickDeathsBeforeReadyMax = 3;
const answersWithinMs = 5_000;
const silencesMax = 3;

/** A part that died once starts again at once; one that keeps dying young waits longer each time. */
export const restartDelayMs = (quickDeaths: number): number => (quickDeaths === 0 ? 0 : Math.min(10_000, 250 * 2 ** (quickDeaths - 1)));

type Options = {
  /** False: a dead part stays dead, as tests want it. */
  restart: boolean;
  log: (line: string) => void;
  /** How often `alive` is asked. */
  askEveryMs?: number;
  /** Called after every start and end of the process. */
  changed?: () => void;
};

/** All of this process: when it ends they end, and one listener is enough for that. */
const supervised = new Set<Supervised>();
process.once("exit", () => {
  for (const each of supervised) each.kill();
});

/** A part's process in a session of its own, kept running until it is stopped. */
export class Supervised {
  readonly part: Part;
  readonly #options: Options;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #startedAt = 0;
  #quickDeaths = 0;
  #wasReady = false;
  #stopping = false;
  #lastEnd: string | undefined;

  constructor(part: Part, options: Options) {
    this.part = part;
    this.#options = options;
    supervised.add(this);
    this.#spawn();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  #spawn(): void {
    const { command, environment, logPath, name } = this.part;
    const [program, ...argv] = command;
    mkdirSync(dirname(logPath), { recursive: true });
    this.part.beforeStart?.();
    const log = openSync(logPath, "a", 0o600);
    const child = spawn(program, argv, { env: environment, detached: true, stdio: ["ignore", log, log] });
    closeSync(log);
    this.#child = child;
    this.#startedAt = performance.now();
    child.once("error", (error) => this.#ended(child, error.message));
    child.once("exit", (code, signal) => this.#ended(child, signal ? `was ended by ${signal}` : `ended with exit code ${code}`));
    if (this.part.alive) void this.#watch(child, this.part.alive);
    this.#options.changed?.();
    if (this.#lastEnd !== undefined) this.#options.log(`${name} runs again (pid ${child.pid})`);
  }

  /** A process that hangs does not end by itself: a stopped one, or one that spins. */
  async #watch(child: ChildProcess, ask: NonNullable<Part["alive"]>): Promise<void> {
    let silences = Number.NEGATIVE_INFINITY; // until it has answered once, it is `ready` that waits for it
    while (silences < silencesMax) {
      await sleep(this.#options.askEveryMs ?? 3_000, undefined, { ref: false });
      if (this.#child !== child || this.#stopping) return;
      await ask(AbortSignal.timeout(answersWithinMs)).then(
        () => (silences = 0),
        () => silences++,
      );
    }
    if (this.#child !== child || this.#stopping) return;
    this.#options.log(`${this.part.name} no longer answers and is killed`);
    killGroup(child.pid);
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    killGroup(child.pid);
    this.#child = undefined;
    this.#lastEnd = how;
    this.#options.changed?.();
    if (this.#stopping) return;
    this.#quickDeaths = performance.now() - this.#startedAt < livedLongMs ? this.#quickDeaths + 1 : 0;
    const delayMs = restartDelayMs(Math.max(0, this.#quickDeaths - 1));
    this.#options.log(`${this.part.name} ${how}; log: ${this.part.logPath}`);
    if (this.#options.restart) this.#timer = setTimeout(() => this.#spawn(), delayMs);
  }

  /** Waits for the first good probe, and otherwise says why there is none, with the end of the log. */
  async ready(): Promise<void> {
    const { name, probe, readyWithinMs } = this.part;
    const until = performance.now() + readyWithinMs;
    let reason = "it did not answer";
    while (performance.now() < until && !this.#stopping) {
      if (this.#quickDeaths >= quickDeathsBeforeReadyMax || (this.#lastEnd && !this.#options.restart)) {
        reason = `it ${this.#lastEnd}`;
        break;
      }
      try {
        await probe(AbortSignal.timeout(3_000));
        this.#wasReady = true;
        return;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
      await sleep(50);
    }
    const tail = (await readFile(this.part.logPath, "utf8").catch(() => "")).trimEnd().split("\n").slice(-12).join("\n  ");
    throw new Error(`${name} is not ready: ${reason}\n  the end of ${this.part.logPath}:\n  ${tail || "(empty)"}`);
  }

  get wasReady(): boolean {
    return this.#wasReady;
  }

  /** Asks the process to end, and kills its group when it has not in time. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child?.pid !== undefined) {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      const late = setTimeout(() => {
        this.#options.log(`${this.part.name} did not stop within ${this.part.stopWithinMs} ms and is killed`);
        killGroup(child.pid);
      }, this.part.stopWithinMs);
      await gone;
      clearTimeout(late);
      killGroup(child.pid);
    }
    supervised.delete(this);
  }

  /** Ends the whole process group at once. */
  kill(): void {
    this.#stopping = true;
    clearTimeout(this.#timer);
    killGroup(this.#child?.pid);
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // nobody is left in the group
  }
}
