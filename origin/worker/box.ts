// A box as the worker sees it: whether it takes a task, and how it is.
import { Client } from "undici";
import { BoxHealth, BoxTask } from "#contract/box.ts";
import { socketPath } from "../socket-path.ts";
import { boxTask, type Task } from "./box-task.ts";

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

/** `address` is unix:/path or http://host:port. */
export function box(address: string, { allowBare }: { allowBare: boolean }): Box {
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
        const { task, sandbox } = BoxTask.parse(await body.json());
        const opened = boxTask(task, { work, side });
        if (sandbox !== "none" || allowBare) return opened;
        return void (await opened.end());
      } catch {
        return undefined;
      }
    },
    async health() {
      try {
        const { body } = await side.request({ method: "GET", path: "/health", signal: AbortSignal.timeout(healthTimeoutMs) });
        return BoxHealth.parse(await body.json());
      } catch {
        return undefined;
      }
    },
    close: async () => void (await Promise.all([work.destroy(), side.destroy()])),
  };
}
