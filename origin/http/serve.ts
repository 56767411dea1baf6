import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";

export type Listening = {
  port: number;
  /** Goes on answering, and ends each connection with its answer: the next request comes by a new one, perhaps to somebody else. */
  endConnections(): void;
  close(): Promise<void>;
};

const lastAnswersMs = 2_000;
/** Shorter than the LEAVE_MS of docker/compose.yaml: connections that nobody uses end before the doors close, and no request comes into one that does. */
const idleMs = 5_000;

/** Listens. `close` takes no new connection, ends those that are idle, lets running requests end, and then ends what is left. */
export async function serve<E extends object>(app: Hono<E>, { host, port }: { host: string; port: number }): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: idleMs }, getRequestListener(app.fetch));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const sayClose = (_request: IncomingMessage, response: ServerResponse) => void response.setHeader("connection", "close");
  const endConnections = () => {
    if (!server.listeners("request").includes(sayClose)) server.prependListener("request", sayClose);
  };
  return {
    port: (server.address() as AddressInfo).port, // a TCP server's address is one
    endConnections,
    close: () =>
      new Promise((resolve) => {
        endConnections();
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), lastAnswersMs).unref();
      }),
  };
}
