import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A load balancer as plain as can be: each request goes to the next of the local ports, of which some may leave and come; `served` counts them. */
export async function startBalancer(ports: readonly number[]) {
  const served = ports.map(() => 0);
  let turn = 0;
  const server = createServer((incoming, answer) => {
    const index = turn++ % ports.length;
    served[index] = (served[index] ?? 0) + 1;
    const { method, url, headers } = incoming;
    const onward = request({ host: "127.0.0.1", port: ports[index], method, path: url, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port, // a TCP server's address is one
    served,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
