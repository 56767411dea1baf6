import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A load balancer as plain as can be: each request goes to the next of the local ports, of which some may leave and come; `served` counts them. */
export async function startBalancer(ports: readonly number[]) {
  const served = ports.map(() => 0);
  const underWay = new Map<number | undefined, number>();
  const count = (port: number | undefined, by: 1 | -1) => underWay.set(port, (underWay.get(port) ?? 0) + by);
  let turn = 0;
  const server = createServer((incoming, answer) => {
    const index = turn++ % ports.length;
    const port = ports[index];
    served[index] = (served[index] ?? 0) + 1;
    count(port, 1);
    answer.once("close", () => count(port, -1));
    const { method, url, headers } = incoming;
    // By a connection of its own: nothing is sent into one that its server just gives up.
    const onward = request({ agent: false, host: "127.0.0.1", port, method, path: url, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    incoming.pipe(onward);
  });
  server.keepAliveTimeout = 600_000; // and no client into one that this one gives up
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port, // a TCP server's address is one
    served,
    /** Resolves when nothing is under way to the port, which has left the list before. */
    async drained(port: number): Promise<void> {
      while ((underWay.get(port) ?? 0) > 0) await sleep(10);
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
