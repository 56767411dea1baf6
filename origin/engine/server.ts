// The box's HTTP protocol, as contract/box.ts tells it.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { BoxHealth } from "#contract/box.ts";
import { Problem, problemBody, toProblem } from "#contract/problems.ts";
import type { Callers } from "./callers.ts";
import { readyAgain } from "./office/ready-again.ts";
import { putInput, runTask, sendInput, sendResult, unlockInput } from "./requests.ts";
import type { Engine } from "./run.ts";
import type { Slot } from "./slot.ts";

export type Box = { engine: Engine; slot: Slot; leaving: AbortSignal; inputBytesMax: number };

export function boxServer(box: Box, isCaller: Callers): Server {
  const admitted = new WeakMap<Socket, Promise<boolean>>();
  const server = createServer(async (request, response) => {
    if (!(await admitted.get(request.socket))) return;
    route(box, request, response).catch((error: unknown) => refuse(request, response, error));
  });
  server.on("connection", (socket) => {
    const deciding = isCaller(socket);
    admitted.set(socket, deciding);
    void deciding.then((welcome) => welcome || socket.destroy());
  });
  server.keepAliveTimeout = 75_000; // longer than clients keep theirs, so that none sends into a closing connection
  server.requestTimeout = 0; // a large input may come slowly; silence is what ends it
  return server;
}

async function route(box: Box, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { engine, slot, leaving } = box;
  const [root, id, part, index, ...more] = (request.url ?? "").slice(1).split("/");
  const target = `${request.method} /${root}${id === undefined ? "" : "/*"}${part === undefined ? "" : `/${part}`}`;
  if (target === "GET /health") return json(response, 200, health(box));
  if (target === "POST /tasks") {
    if (leaving.aborted || (!slot.busy && !isReady(engine))) throw new Problem("engine-unavailable");
    return json(response, 201, { task: (await slot.open()).id, sandbox: engine.facts().sandbox });
  }
  if (root !== "tasks" || id === undefined || more.length > 0) throw new Problem("route-not-found");
  if (target === "DELETE /tasks/*") {
    // also where the box has ended the task itself, because its caller had left
    await slot.end(id).finally(() => readyAgain(engine.office));
    response.writeHead(204).end();
    return;
  }
  const { task, release } = slot.hold(id);
  let heard = true;
  try {
    if (target === "GET /tasks/*") response.writeHead(204).end();
    else if (target === "PUT /tasks/*/input") await putInput(box, task, request, response);
    else if (target === "GET /tasks/*/input") await sendInput(task, response);
    else if (target === "POST /tasks/*/unlock") json(response, 200, await unlockInput(box, task, request));
    else if (target === "POST /tasks/*/run") heard = await runTask(box, task, request, response);
    else if (target === "GET /tasks/*/results") await sendResult(task, index ?? "", response);
    else throw new Problem("route-not-found");
  } finally {
    release();
  }
  if (!heard) await slot.end(id);
}

function health({ engine, slot, leaving }: Box): BoxHealth {
  const { office } = engine;
  return {
    slot: slot.busy ? "busy" : "free",
    ready: isReady(engine) && !leaving.aborted,
    lanes: [...engine.lanes],
    engine: engine.facts(),
    office: {
      starts: office?.starts ?? 0,
      documents: office?.documents ?? 0,
      replaced: office?.replaced ?? {},
      driver: office?.name ?? "soffice",
    },
  };
}

const isReady = ({ office }: Engine): boolean => office === undefined || office.ready;

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const problem = toProblem(error);
  if (problem.code === "internal") console.error(problem.cause);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  request.resume(); // a sender that is cut off never reads the reason
  json(response, problem.status, problemBody(problem), "application/problem+json");
}

function json(response: ServerResponse, status: number, body: unknown, type = "application/json"): void {
  response.writeHead(status, { "content-type": type }).end(JSON.stringify(body));
}
