// The worker's side of the box protocol (contract/box.ts), over a unix socket or TCP.
import { Readable } from "node:stream";
import { Client, type Dispatcher } from "undici";
import { BoxEvent, BoxHealth, type BoxRun, BoxTask } from "#contract/box.ts";
import { Problem, ProblemBody } from "#contract/problems.ts";

export type Box = {
  address: string;
  /** Opens a task; undefined when the box is busy, not ready, away, or has no sandbox though that was not allowed. */
  open(): Promise<Task | undefined>;
  health(): Promise<BoxHealth | undefined>;
  close(): Promise<void>;
};

export type Done = Extract<BoxEvent, { event: "done" }>;

export type Task = {
  put(bytes: AsyncIterable<Uint8Array>, sizeBytes: number, signal: AbortSignal): Promise<void>;
  /** Runs the steps; progress and warnings arrive on the way. A box that falls silent or away is `engine-crashed`. */
  run(run: BoxRun, on: (event: Exclude<BoxEvent, { event: "done" | "problem" }>) => void, signal: AbortSignal): Promise<Done>;
  result(n: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Wipes the task; whatever happens, the slot is given back. */
  end(): Promise<void>;
};

const answerTimeoutMs = 10_000;
/** The box sends progress at least this often while it runs; see origin/engine. */
const silenceMs = 30_000;
const lineBytesMax = 1_000_000;

export function box(address: string, { allowBare }: { allowBare: boolean }): Box {
  const url = new URL(address);
  // Two connections: health is asked while a run holds the other one.
  const connect = () =>
    url.protocol === "unix:"
      ? new Client("http://box", { socketPath: url.pathname, pipelining: 1, headersTimeout: silenceMs, bodyTimeout: silenceMs })
      : new Client(url.origin, { pipelining: 1, headersTimeout: silenceMs, bodyTimeout: silenceMs });
  const work = connect();
  const side = connect();

  const send = async (client: Client, options: Dispatcher.RequestOptions<null>): Promise<Dispatcher.ResponseData> => {
    try {
      return await client.request(options);
    } catch (cause) {
      throw cause instanceof Problem ? cause : new Problem("engine-crashed", undefined, { cause });
    }
  };

  return {
    address,
    async open() {
      try {
        const { statusCode, body } = await work.request({ method: "POST", path: "/tasks", signal: AbortSignal.timeout(answerTimeoutMs) });
        if (statusCode === 201) {
          const { task: id, sandbox } = BoxTask.parse(await body.json());
          const opened = task(id, (options) => send(work, options), side);
          if (sandbox !== "none" || allowBare) return opened;
          await opened.end();
          return undefined;
        }
        await body.dump();
        return undefined;
      } catch {
        return undefined;
      }
    },
    async health() {
      try {
        const { body } = await side.request({ method: "GET", path: "/health", signal: AbortSignal.timeout(2_000) });
        return BoxHealth.parse(await body.json());
      } catch {
        return undefined;
      }
    },
    close: async () => void (await Promise.all([work.destroy(), side.destroy()])),
  };
}

function task(id: string, send: (options: Dispatcher.RequestOptions<null>) => Promise<Dispatcher.ResponseData>, side: Client): Task {
  const path = `/tasks/${id}`;
  return {
    async put(bytes, sizeBytes, signal) {
      const body = Readable.from(bytes, { objectMode: false });
      const answer = await send({ method: "PUT", path: `${path}/input`, headers: { "content-length": `${sizeBytes}` }, body, signal });
      await refuseUnless(answer, 204);
    },
    async run(run, on, signal) {
      const answer = await send({
        method: "POST",
        path: `${path}/run`,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(run),
        signal,
      });
      if (answer.statusCode !== 200) await refuseUnless(answer, 200);
      for await (const event of lines(answer.body)) {
        if (event.event === "done") return event;
        if (event.event === "problem") throw Problem.from(event.problem);
        on(event);
      }
      throw new Problem("engine-crashed", undefined, { cause: new Error("the box's answer ended without an end") });
    },
    async result(n, signal) {
      const answer = await send({ method: "GET", path: `${path}/results/${n}`, signal });
      if (answer.statusCode !== 200) await refuseUnless(answer, 200);
      return answer.body;
    },
    async end() {
      // On the other connection: the first may still be stuck in an aborted request.
      const { body } = await side.request({ method: "DELETE", path, signal: AbortSignal.timeout(answerTimeoutMs) });
      await body.dump();
    },
  };
}

async function refuseUnless({ statusCode, body }: Dispatcher.ResponseData, expected: number): Promise<void> {
  if (statusCode === expected) return body.dump().then(() => {});
  const parsed = ProblemBody.safeParse(await body.json().catch(() => undefined));
  throw parsed.success
    ? Problem.from(parsed.data)
    : new Problem("engine-crashed", undefined, { cause: new Error(`the box answered ${statusCode}`) });
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
    throw cause instanceof Problem ? cause : new Problem("engine-crashed", undefined, { cause });
  }
}
