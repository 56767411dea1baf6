// One task in a box, over the protocol of contract/box.ts.
import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { z } from "zod";
import { BoxEvent, BoxProblem, type BoxResult, type BoxRun, type BoxUnlock, BoxUnlocked } from "#contract/box.ts";
import { mediaTypeByName, mediaTypeOf } from "#contract/media.ts";
import { Problem } from "#contract/problems.ts";
import { holdResult } from "./hold-result.ts";
import { placeOf, readAnswer } from "./read-answer.ts";

export type Done = Extract<BoxEvent, { event: "done" }>;

export type Task = {
  put(bytes: AsyncIterable<Uint8Array>, sizeBytes: number, signal: AbortSignal): Promise<void>;
  /** Replaces an encrypted input by its plaintext. Problems: `input-encrypted`, `password-wrong`, `encrypted-unsupported`. */
  unlock(password: string | undefined, signal: AbortSignal): Promise<BoxUnlocked>;
  /** The input as it is now. */
  input(signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /**
   * Runs the steps, whose results are of the types that it `produces`; progress, warnings and the problem that it then throws arrive on the way.
   * A box that falls silent or away, or breaks the protocol, is `engine-crashed`.
   */
  run(
    run: BoxRun,
    produces: readonly string[],
    on: (event: Exclude<BoxEvent, { event: "done" }>) => void,
    signal: AbortSignal,
  ): Promise<Done>;
  /** The bytes of a result, as long as they are what was announced. */
  result(n: number, announced: BoxResult, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Wipes the task; whatever happens, the slot is given back. */
  end(): Promise<void>;
};

/** `work` carries the task's requests one after another; `side` gets through while one of them hangs. */
export type Connections = {
  work: Dispatcher;
  side: Dispatcher;
  /** Told when the box says what no honest one says. */
  broken(how: string): void;
};

const origin = "http://box";
const endTimeoutMs = 10_000;
/** The box gives a task up after four times this (origin/engine/main.ts). */
const aliveEveryMs = 2_000;
const lineBytesMax = 1_000_000;
/** All lines of a run: ten times what the largest job says. */
const saidBytesMax = 8_000_000;

export function boxTask(id: string, { work, side, broken }: Connections): Task {
  const path = `/tasks/${id}`;
  const breach = (how: string, cause?: unknown): Problem => {
    broken(how);
    return asCrash(new Error(how, { cause }));
  };

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

  async function refusal({ statusCode, body }: Dispatcher.ResponseData): Promise<Problem> {
    const parsed = BoxProblem.safeParse(await readAnswer(body).catch(() => undefined));
    return parsed.success ? Problem.from(parsed.data) : breach(`it answers ${statusCode}, and no problem that a box may have`);
  }

  async function parsed<T>(schema: z.ZodType<T>, body: AsyncIterable<Uint8Array>): Promise<T> {
    return parse(schema, await readAnswer(body).catch((cause) => Promise.reject(asCrash(cause))));
  }

  function parse<T>(schema: z.ZodType<T>, value: unknown): T {
    const { success, data, error } = schema.safeParse(value);
    if (success) return data;
    throw breach(`it breaks the protocol at ${placeOf(error)}`);
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
      return parsed(BoxUnlocked, answer);
    },
    input: (signal) => send("GET", "input", 200, signal),
    async run(run, produces, on, signal) {
      for await (const line of lines(await send("POST", "run", 200, signal, run), breach)) {
        const event = parse(BoxEvent, json(line, breach));
        if (event.event === "done") return ofTypes(event, produces, breach);
        on(event);
        if (event.event === "problem") throw Problem.from(event.problem);
      }
      throw asCrash(new Error("the box's answer ended without an end"));
    },
    async result(n, announced, signal) {
      const body = await send("GET", `results/${n}`, 200, signal);
      return holdResult(crashing(body), announced, breach);
    },
    async end() {
      clearInterval(alive);
      const { body } = await side.request({ origin, method: "DELETE", path, signal: AbortSignal.timeout(endTimeoutMs) });
      await body.dump();
    },
  };
}

type Breach = (how: string, cause?: unknown) => Problem;

const asCrash = (cause: unknown): Problem => (cause instanceof Problem ? cause : new Problem("engine-crashed", undefined, { cause }));

function ofTypes(done: Done, produces: readonly string[], breach: Breach): Done {
  for (const { content_type, filename } of done.results)
    if (!produces.includes(content_type) || mediaTypeByName(filename) !== mediaTypeOf(content_type))
      throw breach("a result has a type or a name that its operation does not give");
  return done;
}

async function* crashing(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw asCrash(cause);
  }
}

function json(line: string, breach: Breach): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw breach("a line is not JSON", cause);
  }
}

async function* lines(body: AsyncIterable<Uint8Array>, breach: Breach): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  let bytes = 0;
  for await (const chunk of crashing(body)) {
    bytes += chunk.byteLength;
    rest += decoder.decode(chunk, { stream: true });
    if (rest.length > lineBytesMax || bytes > saidBytesMax) throw breach("it says more than there is to say");
    const parts = rest.split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) if (line) yield line;
  }
}
