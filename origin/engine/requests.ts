// The requests of a task that move bytes.
import { createReadStream, readFileSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { type BoxEvent, BoxProblem, BoxRun, BoxUnlock, type BoxUnlocked } from "#contract/box.ts";
import type { Trait } from "#contract/jobs.ts";
import { parseRequest } from "#contract/parse.ts";
import { Problem, problemBody, toProblem } from "#contract/problems.ts";
import { readyAgain } from "./office/ready-again.ts";
import { orOutOfRoom } from "./room.ts";
import { run } from "./run.ts";
import type { Box } from "./server.ts";
import type { Task } from "./slot.ts";
import { unlock } from "./unlock/unlock.ts";

const requestBytesMax = 1_000_000;
const silentInputMs = 30_000;
const lastByteMs = 500;
/** Up to this size a file is read at once: a stream has five calls for its first byte. */
const atOnceBytesMax = 1_000_000;
/** Without news the last progress is repeated, so that no one in between takes the connection for dead. */
const heartbeatMs = 10_000;

export async function putInput({ inputBytesMax }: Box, task: Task, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (task.workspace.inputPath()) throw new Problem("request-invalid", "The input has been sent already.");
  request.setTimeout(silentInputMs, () => request.destroy());
  await task.workspace.receive(request, inputBytesMax, task.signal);
  response.writeHead(204).end();
}

/** False when the caller left before the end: nobody will speak for the task again. */
export async function runTask({ engine }: Box, task: Task, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const body = parseRequest(BoxRun, await readJson(request));
  if (task.ran) throw new Problem("request-invalid", "The task has run already.");
  task.ran = true;
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort(new Problem("task-not-found", "The caller has gone."));
  });
  const late = new AbortController();
  const deadline = setTimeout(() => late.abort(new Problem("deadline-exceeded")), body.deadline_ms);
  const signal = AbortSignal.any([task.signal, gone.signal, late.signal]);

  response.writeHead(200, { "content-type": "application/x-ndjson" });
  const send = (event: BoxEvent) => response.write(`${JSON.stringify(event)}\n`);
  let progress: BoxEvent = { event: "progress", fraction: 0 };
  const heartbeat = setInterval(() => send(progress), heartbeatMs);
  const emit = (event: BoxEvent) => {
    if (event.event === "progress") progress = event;
    send(event);
  };
  send(progress);
  let found: string | undefined;
  const tell = {
    emit,
    found(type: string) {
      found = type;
    },
    traits: new Set<Trait>(),
  };
  try {
    const { done, results } = await run(engine, task.workspace, body, signal, tell);
    task.results = results;
    send(done);
  } catch (error) {
    const problem = toProblem(signal.aborted ? signal.reason : await orOutOfRoom(error, task.workspace.path));
    if (problem.cause !== undefined) console.error(problem.code, problem.cause);
    await readyAgain(engine.office, AbortSignal.any([task.signal, gone.signal]));
    send({
      event: "problem",
      problem: BoxProblem.parse(problemBody(problem)),
      traits: [...tell.traits],
      ...(found !== undefined && { content_type: found }),
    });
  } finally {
    clearTimeout(deadline);
    clearInterval(heartbeat);
    response.end();
  }
  return !gone.signal.aborted;
}

export async function unlockInput({ engine }: Box, task: Task, request: IncomingMessage): Promise<BoxUnlocked> {
  const { password } = parseRequest(BoxUnlock, await readJson(request));
  return unlock(task.workspace, { password, python: engine.python, signal: task.signal });
}

export async function sendInput(task: Task, response: ServerResponse): Promise<void> {
  const path = task.workspace.inputPath();
  if (!path) throw new Problem("request-invalid", "The input has not been sent.");
  await sendFile(path, "application/octet-stream", task, response);
}

export async function sendResult(task: Task, index: string, response: ServerResponse): Promise<void> {
  const result = /^\d{1,6}$/.test(index) ? task.results[Number(index)] : undefined;
  if (!result) throw new Problem("result-not-found");
  await sendFile(result.path, result.type, task, response);
}

async function sendFile(path: string, type: string, { signal }: Task, response: ServerResponse): Promise<void> {
  const { size } = statSync(path);
  response.writeHead(200, { "content-type": type, "content-length": size });
  // a client may have read the last byte, and end the task, before this side knows that it was sent
  const stop = () => setTimeout(() => response.writableEnded || response.destroy(), lastByteMs);
  signal.addEventListener("abort", stop, { once: true });
  await pipeline(size <= atOnceBytesMax ? [readFileSync(path)] : createReadStream(path), response);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > requestBytesMax) throw new Problem("body-too-large");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new Problem("body-not-json");
  }
}
