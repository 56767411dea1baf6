// A real box for a test file, and a client that speaks its protocol.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type Agent, type IncomingMessage, request } from "node:http";
import { resolve } from "node:path";
import { afterAll } from "vitest";
import { BoxEvent, BoxHealth, BoxTask } from "#contract/box.ts";
import { ProblemBody } from "#contract/problems.ts";
import { type RunningBox, startBox } from "#scripts/stack/box.ts";
import { type FixtureName, fixture } from "#test/fixtures/make.ts";

const repo = resolve(import.meta.dirname, "../../..");
const python = [process.env.UNOSERVER_PYTHON, resolve(repo, ".trusty/tools/unoserver/bin/python")].find((path) => path && existsSync(path));

export type Outcome = { events: BoxEvent[]; last: BoxEvent; results: Buffer[] };
export type Send = {
  operation: string;
  options?: Record<string, unknown>;
  filename?: string;
  contentType?: string;
  deadlineMs?: number;
};

export type TestBox = ReturnType<typeof clientOf> & { box: RunningBox };

/** Started once for a test file and stopped after it. */
export async function testBox(
  env: Record<string, string> = {},
  lanes: ("office" | "light")[] = ["office", "light"],
  { unoserver = true, ...more }: { unoserver?: boolean; workspaceBytes?: number } = {},
): Promise<TestBox> {
  const box = await startBox({ repo, lanes, cpus: 2, env, ...(unoserver && python && { python }), ...more });
  afterAll(() => box.stop());
  return { ...clientOf(box.socket), box };
}

function clientOf(socket: string) {
  const call = (method: string, path: string, body?: Buffer | string, signal?: AbortSignal, agent?: Agent) =>
    new Promise<{ status: number; body: Buffer }>((done, fail) => {
      const outgoing = request(
        { socketPath: socket, method, path, agent: agent ?? false, ...(signal && { signal }) },
        (response: IncomingMessage) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", fail);
          response.on("end", () => done({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
        },
      );
      outgoing.on("error", fail);
      outgoing.end(body);
    });
  const json = (body: Buffer): unknown => JSON.parse(body.toString("utf8"));

  const open = async () => BoxTask.parse(json((await call("POST", "/tasks")).body)).task;
  const put = (task: string, bytes: Buffer) => call("PUT", `/tasks/${task}/input`, bytes);
  const run = async (
    task: string,
    { operation, options = {}, filename = "", contentType = "", deadlineMs = 30_000 }: Send,
    signal?: AbortSignal,
  ) => {
    const order = { filename, content_type: contentType, steps: [{ operation, options }], deadline_ms: deadlineMs };
    const { body } = await call("POST", `/tasks/${task}/run`, JSON.stringify(order), signal);
    return body
      .toString("utf8")
      .trim()
      .split("\n")
      .map((line) => BoxEvent.parse(JSON.parse(line)));
  };

  return {
    call,
    over: async (agent: Agent, method: string, path: string, body?: Buffer | string) =>
      (await call(method, path, body, undefined, agent)).body,
    open,
    put,
    run,
    problemOf: (body: Buffer) => ProblemBody.parse(json(body)),
    health: async () => BoxHealth.parse(json((await call("GET", "/health")).body)),
    async until(wanted: (health: BoxHealth) => boolean, withinMs = 60_000): Promise<BoxHealth> {
      for (const deadline = Date.now() + withinMs; ; ) {
        const health = await this.health();
        if (wanted(health)) return health;
        if (Date.now() > deadline) throw new Error(`the box is still ${JSON.stringify(health)}`);
        await new Promise((wake) => setTimeout(wake, 50));
      }
    },
    /** The whole path of one task. */
    async convert(name: FixtureName, send: Send): Promise<Outcome> {
      const bytes = await readFile(await fixture(name)); // made on first use, which may take longer than a task may be silent
      const task = await open();
      try {
        await put(task, bytes);
        const events = await run(task, { filename: name, ...send });
        const last = events.at(-1);
        if (!last) throw new Error("the box said nothing");
        const results: Buffer[] = [];
        if (last.event === "done") {
          for (const index of last.results.keys()) results.push((await call("GET", `/tasks/${task}/results/${index}`)).body);
        }
        return { events, last, results };
      } finally {
        await call("DELETE", `/tasks/${task}`);
      }
    },
  };
}

export const doneOf = ({ last }: Outcome) => {
  if (last.event !== "done") throw new Error(`it ended with ${JSON.stringify(last)}`);
  return last;
};

export const codeOf = ({ last }: Outcome): string => (last.event === "problem" ? last.problem.code : last.event);

export const warningsOf = ({ events }: Outcome) => events.flatMap((event) => (event.event === "warning" ? [event.warning] : []));
