// The Docker engine's socket behind another one, which can be shut.
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";

export async function dockerDoor(folder: string) {
  const path = join(folder, "docker.sock");
  const engine = (process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock").replace("unix://", "");
  const sockets = new Set<Socket>();
  let shut = false;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (shut) return void client.destroy();
    const behind = connect({ path: engine, allowHalfOpen: true });
    client.pipe(behind).pipe(client);
    for (const socket of [client, behind]) {
      sockets.add(socket);
      socket
        .on("error", () => {})
        .once("close", () => {
          sockets.delete(socket);
          client.destroy();
          behind.destroy();
        });
    }
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const shutDoor = () => {
    shut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `unix://${path}`,
    /** Nobody is answered any more, whoever is spoken with included. */
    shut: shutDoor,
    open: () => {
      shut = false;
    },
    end: () => {
      shutDoor();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
