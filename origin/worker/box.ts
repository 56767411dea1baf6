// A box as the worker sees it: whether it takes a task, and how it is.
import { Client } from "undici";
import { BoxHealth, BoxTask } from "#contract/box.ts";
import { socketPath } from "../socket-path.ts";
import { boxTask, type Task } from "./box-task.ts";
import { placeOf, readAnswer } from "./read-answer.ts";

export type Box = {
  address: string;
  /** Opens a task; undefined when the box is busy, not ready, away, or has no sandbox though that was not allowed. */
  open(): Promise<Task | undefined>;
  health(): Promise<BoxHealth | undefined>;
  close(): Promise<void>;
};

const openTimeoutMs = 10_000;
const healthTimeoutMs = 4_000;
/** A box says something at least this often while it runs (contract/box.ts). */
const silenceMs = 30_000;

type Options = {
  allowBare: boolean;
  /** Told when the box says what no honest one says. */
  broken(how: string): void;
};

/** `address` is unix:/path or http://host:port. */
export function box(address: string, { allowBare, broken }: Options): Box {
  const path = socketPath(address);
  const socket = path === undefined ? {} : { socketPath: path };
  const origin = path === undefined ? new URL(address).origin : "http://box";
  const connect = () => new Client(origin, { ...socket, pipelining: 1, headersTimeout: silenceMs, bodyTimeout: silenceMs });
  const work = connect();
  const side = connect();

  return {
    address,
    async open() {
      try {
        const { statusCode, body } = await work.request({ method: "POST", path: "/tasks", signal: AbortSignal.timeout(openTimeoutMs) });
        if (statusCode !== 201) return void (await body.dump());
        const answer = BoxTask.safeParse(await readAnswer(body));
        if (!answer.success) {
          broken("it opens no task that it could name");
          return undefined;
        }
        const { task, sandbox } = answer.data;
        const opened = boxTask(task, { work, side, broken });
        if (sandbox !== "none" || allowBare) return opened;
        return void (await opened.end());
      } catch {
        return undefined;
      }
    },
    async health() {
      try {
        const { body } = await side.request({ method: "GET", path: "/health", signal: AbortSignal.timeout(healthTimeoutMs) });
        const answer = BoxHealth.safeParse(await readAnswer(body));
        if (!answer.success) broken(`it says of itself what no box does, at ${placeOf(answer.error)}`);
        return answer.data;
      } catch {
        return undefined;
      }
    },
    close: async () => void (await Promise.all([work.destroy(), side.destroy()])),
  };
}
