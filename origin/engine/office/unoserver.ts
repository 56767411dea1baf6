// Supervises one UnoServer: warmed before it counts as ready, killed as a group, replaced when it has worked or grown enough.
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { OfficeReplacement } from "#contract/box.ts";
import { parsePageRanges } from "#contract/page-ranges.ts";
import { Problem } from "#contract/problems.ts";
import { type Running, start } from "../exec.ts";
import { type Process, processes } from "../strangers.ts";
import type { OfficeDriver, OfficeJob, OfficeOutcome } from "./driver.ts";
import { groupMemoryBytes } from "./memory.ts";
import { freshProfile, officeEnvironment } from "./profile.ts";
import { warmUpJobs } from "./warm-up.ts";
import { callXmlRpc } from "./xml-rpc.ts";

export type UnoServerOptions = {
  python: string;
  folder: string;
  documentsMax: number;
  ageMinutesMax: number;
  memoryBytesMax: number;
  /** Whether no task is open. */
  isFree: () => boolean;
  /** Removes what an earlier LibreOffice, or what ended it, has left outside of `folder`. */
  clear: () => void;
};

const Answer = z.object({
  outcome: z.enum(["converted", "pages-outside", "load-failed", "export-failed", "crashed"]),
  pages: z.number().optional(),
  libreoffice: z.string().nullish(),
  unoserver: z.string(),
});

const startMs = 60_000;
const idleBeforeReplacementMs = 1_000;
const memoryCheckMs = 500;
/** What has answered so shortly ago is not asked again: a busy box pays nothing. */
const answerHoldsMs = 500;
/** An answer takes two milliseconds; on a machine that is short of processors, some hundreds. */
const probeMs = 2_000;
/** A document may take this many times the memory from which an idle LibreOffice is replaced. */
const memoryFactorMax = 2.5;
/** A box that is never idle is replaced all the same after this many times the number of documents. */
const documentsFactorMax = 5;

export class UnoServer implements OfficeDriver {
  readonly name = "unoserver";
  ready = false;
  starts = 0;
  documents = 0;
  readonly replaced: Partial<Record<OfficeReplacement, number>> = {};
  readonly #options: UnoServerOptions;
  #process: Running | undefined;
  #starting: Promise<void> | undefined;
  #died = new AbortController();
  /** The processes that it has before any document. */
  #staff = new Set<string>();
  #port = 0;
  #sinceStart = 0;
  #stopped = false;
  #converting = false;
  #idle: NodeJS.Timeout | undefined;
  #aging: NodeJS.Timeout | undefined;
  #oldAt = 0;
  #answeredAt = 0;
  #versions: Record<string, string> = {};

  constructor(options: UnoServerOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    this.#starting = this.#untilStarted();
    return this.#starting;
  }

  async #untilStarted(): Promise<void> {
    for (let waitMs = 500; !this.#stopped; waitMs = Math.min(waitMs * 2, 30_000)) {
      try {
        return await this.#startOnce();
      } catch (error) {
        this.#kill();
        console.error(`UnoServer did not start: ${error instanceof Error ? error.message : error}`);
        await sleep(waitMs);
      }
    }
  }

  async convert(job: OfficeJob, signal: AbortSignal): Promise<OfficeOutcome> {
    if (this.#converting) throw new Problem("engine-unavailable");
    clearTimeout(this.#idle);
    this.#converting = true;
    try {
      await this.#awake(signal);
      return await this.#convert(job, signal);
    } finally {
      this.#converting = false;
    }
  }

  async #convert(job: OfficeJob, signal: AbortSignal): Promise<OfficeOutcome> {
    const abort = new AbortController();
    const watch = setInterval(() => this.#refuseGrowth(abort), memoryCheckMs);
    try {
      const answer = await this.#call(job, AbortSignal.any([signal, abort.signal]));
      this.documents++;
      this.#sinceStart++;
      this.#replaceWhenWorn();
      return answer;
    } catch (error) {
      this.#replace(signal.aborted || abort.signal.aborted ? "ended" : "crash");
      throw error;
    } finally {
      clearInterval(watch);
    }
  }

  /** What was stopped or hung while idle is replaced before a document is given to it: the document is not to blame. */
  async #awake(signal: AbortSignal): Promise<void> {
    if (this.ready) {
      if (performance.now() - this.#answeredAt < answerHoldsMs) return;
      const answered = await this.#ask({ probe: true }, AbortSignal.any([signal, AbortSignal.timeout(probeMs)])).then(
        () => true,
        () => false,
      );
      if (answered) return;
      signal.throwIfAborted();
      this.#replace("crash");
    }
    await Promise.race([this.#starting, once(signal, "abort")]);
    signal.throwIfAborted();
    if (!this.ready) throw new Problem("engine-unavailable");
  }

  versions(): Record<string, string> {
    return this.#versions;
  }

  owns(process: Process): boolean {
    return process.group === this.#process?.pid && (!this.ready || this.#staff.has(nameOf(process)));
  }

  distrust(): void {
    this.#replace("intruder");
  }

  stop(): void {
    this.#stopped = true;
    this.#kill();
  }

  async #startOnce(): Promise<void> {
    this.#options.clear();
    const profile = await freshProfile(this.#options.folder);
    const [port, unoPort] = await freePorts();
    this.#port = port;
    this.#sinceStart = 0;
    this.starts++;
    const running = start({
      command: this.#options.python,
      args: [
        join(import.meta.dirname, "unoserver_hidden.py"),
        ...["--port", `${port}`, "--uno-port", `${unoPort}`, "--quiet"],
        ...["--user-installation", profile.userInstallation],
      ],
      cwd: profile.root,
      env: officeEnvironment(profile),
    });
    this.#process = running;
    const died = new AbortController();
    this.#died = died;
    running.stdin.end();
    running.stdout.resume();
    running.stderr.resume();
    running.ended
      .catch(() => {})
      .finally(() => {
        died.abort();
        this.#ended(running);
      });
    const signal = AbortSignal.timeout(startMs);
    await listening(port, running, signal);
    for (const job of await warmUpJobs(profile.root)) {
      const { outcome } = await this.#call(job, signal);
      if (outcome !== "converted") throw new Error(`the warm-up ended with ${outcome}`);
    }
    const ageMs = this.#options.ageMinutesMax * 60_000;
    this.#oldAt = performance.now() + ageMs;
    this.#aging = setTimeout(() => this.#converting || this.#replaceWhenFree("age"), ageMs);
    this.#staff = new Set(processes().flatMap((each) => (each.group === running.pid ? [nameOf(each)] : [])));
    this.ready = true;
  }

  async #call({ pages, ...job }: OfficeJob, signal: AbortSignal): Promise<OfficeOutcome> {
    const ranges = pages === undefined ? undefined : parsePageRanges(pages);
    const pageRanges = Array.isArray(ranges) ? ranges.map(({ first, last }) => [first, last ?? null]) : undefined;
    const request = { ...job, pageRanges, versions: this.#versions.libreoffice === undefined };
    const text = await this.#ask(request, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new Problem("engine-crashed", undefined, { cause: error });
    });
    const answer = Answer.parse(JSON.parse(text));
    if (answer.libreoffice) this.#versions = { libreoffice: answer.libreoffice, unoserver: answer.unoserver };
    if (answer.outcome === "crashed") throw new Problem("engine-crashed");
    if (answer.outcome === "pages-outside") return { outcome: "pages-outside", pages: answer.pages ?? 0 };
    return { outcome: answer.outcome, ...(answer.pages !== undefined && { pages: answer.pages }) };
  }

  /** The process dies before the connection does, and only its death tells a crash from a slow answer. */
  async #ask(request: object, signal: AbortSignal): Promise<string> {
    const parameters = [null, null, null, null, null, [JSON.stringify(request)], false, null, null];
    const answer = await callXmlRpc(this.#port, "convert", parameters, AbortSignal.any([signal, this.#died.signal]));
    this.#answeredAt = performance.now();
    return answer;
  }

  #refuseGrowth(abort: AbortController): void {
    const bytesMax = this.#options.memoryBytesMax * memoryFactorMax;
    if (this.#memoryBytes() > bytesMax)
      abort.abort(new Problem("input-too-complex", "The document needs more memory than a conversion may use."));
  }

  #replaceWhenWorn(): void {
    const { documentsMax, memoryBytesMax } = this.#options;
    if (this.#memoryBytes() > memoryBytesMax) this.#replace("memory");
    else if (this.#sinceStart >= documentsMax * (documentsMax === 1 ? 1 : documentsFactorMax)) this.#replace("documents");
    else if (this.#sinceStart >= documentsMax) this.#replaceWhenFree("documents");
    else if (performance.now() >= this.#oldAt) this.#replaceWhenFree("age");
  }

  #replaceWhenFree(why: OfficeReplacement): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => (this.#options.isFree() ? this.#replace(why) : this.#replaceWhenFree(why)), idleBeforeReplacementMs);
  }

  #memoryBytes(): number {
    return this.#process ? groupMemoryBytes(this.#process.pid) : 0;
  }

  #ended(running: Running): void {
    if (this.#process !== running) return;
    this.#process = undefined;
    if (this.ready && !this.#converting) this.#replace("crash"); // a crash while converting is the conversion's to tell
  }

  #replace(why: OfficeReplacement): void {
    this.replaced[why] = (this.replaced[why] ?? 0) + 1;
    this.#kill();
    void this.start();
  }

  #kill(): void {
    const running = this.#process;
    this.ready = false;
    this.#process = undefined;
    clearTimeout(this.#idle);
    clearTimeout(this.#aging);
    running?.kill();
  }
}

const nameOf = ({ pid, started }: Process): string => `${pid} ${started}`;

async function listening(port: number, running: Running, signal: AbortSignal): Promise<void> {
  let alive = true;
  running.ended
    .catch(() => {})
    .finally(() => {
      alive = false;
    });
  while (alive) {
    const up = await callXmlRpc(port, "system.methodHelp", ["convert"], signal).then(
      () => true,
      () => false,
    );
    if (up) return;
    signal.throwIfAborted();
    await sleep(30);
  }
  throw new Error("it ended at once");
}

async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const;
  const port = (server: (typeof servers)[number]) =>
    new Promise<number>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address ? address.port : 0);
      });
    });
  const ports: [number, number] = [await port(servers[0]), await port(servers[1])];
  for (const server of servers) server.close();
  return ports;
}
