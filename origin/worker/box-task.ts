// One task in a box, over the protocol of contract/box.ts.
import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { BoxEvent, type BoxRun, type BoxUnlock, BoxUnlocked } from "#contract/box.ts";
import { Problem, ProblemBody } from "#contract/problems.ts";

export type Done = Extract<BoxEvent, { event: "done" }>;

export type Task = {
  put(bytes: AsyncIterable<Uint8Array>, sizeBytes: number, signal: AbortSignal): Promise<void>;
  /** Replaces an encrypted input by its plaintext. Problems: `input-encrypted`, `password-wrong`, `encrypted-unsupported`. */
  unlock(password: string | undefined, signal: AbortSignal): Promise<BoxUnlocked>;
  /** The input as it is now. */
  input(signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Runs the steps; progress, warnings and the problem that it then throws arrive on the way. A box that falls silent or away is `engine-crashed`. */
  run(run: BoxRun, on: (event: Exclude<BoxEvent, { event: "done" }>) => void, signal: AbortSignal): Promise<Done>;
  result(n: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Wipes the task; whatever happens, the slot is given back. */
  end(): Promise<void>;
};

/** `work` carries the task's requests one after another; `side` gets through while one of them hangs. */
export type Connections = { work: Dispatcher; side: Dispatcher };

const origin = "http://box";
const endTimeoutMs = 10_000;
/** The box gives a task up after four times this (origin/engine/main.ts). */
const aliveEveryMs = 2_000;
const lineBytesMax = 1_000_000;

export function boxTask(id: string, { work, side }: Connections): Task {
  const path = `/tasks/${id}`;

  async function send(
    method: "GET" | "PUT" | "POST",
    part: string,
    status: number,
    signal: AbortSignal,
    body?: Readable | object,
    sizeBytes?: number,
  ) {
    const stream = body instanceof Readable;
    const headers = stream ? { "content-length": `${sizeBytes}` } : body ? { "content-type": "application/json" } : {};
    const answer = await work
      .request({ origin, method, path: `${path}/${part}`, headers, body: stream || !body ? (body ?? null) : JSON.stringify(body), signal })
      .catch((cause) => Promise.reject(asCrash(cause)));
    if (answer.statusCode !== status) throw await refusal(answer);
    return answer.body;
  }

  // A scan may take longer than a box waits for its caller.
  const alive = setInterval(() => {
    side
      .request({ origin, method: "GET", path, signal: AbortSignal.timeout(endTimeoutMs) })
      .then(({ body }) => body.dump())
      .catch(() => {});
  }, aliveEveryMs);
  alive.unref();

  return {
    async put(bytes, sizeBytes, signal) {
      const answer = await send("PUT", "input", 204, signal, Readable.from(bytes, { objectMode: false }), sizeBytes);
      await answer.dump();
    },
    async unlock(password, signal) {
      const answer = await send("POST", "unlock", 200, signal, { ...(password !== undefined && { password }) } satisfies BoxUnlock);
      return BoxUnlocked.parse(await answer.json());
    },
    input: (signal) => send("GET", "input", 200, signal),
    async run(run, on, signal) {
      for await (const event of lines(await send("POST", "run", 200, signal, run))) {
        if (event.event === "done") return event;
        on(event);
        if (event.event === "problem") throw Problem.from(event.problem);
      }
      throw asCrash(new Error("the box's answer ended without an end"));
    },
    result: (n, signal) => send("GET", `results/${n}`, 200, signal),
    async end() {
      clearInterval(alive);
      const { body } = await side.request({ origin, method: "DELETE", path, signal: AbortSignal.timeout(endTimeoutMs) });
      await body.dump();
    },
  };
}

const asCrash = (cause: unknown): Problem => (cause instanceof Problem ? cause : new Problem("engine-crashed", undefined, { cause }));

async function refusal({ statusCode, body }: Dispatcher.ResponseData): Promise<Problem> {
  const parsed = ProblemBody.safeParse(await body.json().catch(() => undefined));
  return parsed.success ? Problem.from(parsed.data) : asCrash(new Error(`the box answered ${statusCode}`));
}

async function* lines(body: AsyncIterable<Uint8Array>): AsyncGenerator<BoxEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of body) {
      rest += decoder.decode(chunk, { stream: true });
      if (rest.length > lineBytesMax) throw new Error("a line of the box is too long");
      const parts = rest.split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) if (line) yield BoxEvent.parse(JSON.parse(line));
    }
  } catch (cause) {
    throw asCrash(cause);
  }
}
