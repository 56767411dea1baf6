// What an ingress does in production: each connection goes to an api that is ready. workerd looks a name up once and keeps to that address, though
// the api behind it may have been replaced.
import { lookup } from "node:dns/promises";
import { connect, createServer, type Socket } from "node:net";

const lookAgainMs = 500;

/** Listens on this machine's own `port`, and passes on to the same port of whoever answers to `name`. */
export function reachOrigin(name: string, port: number): void {
  let goodAddresses: string[] = [];
  let turn = 0;

  async function look(): Promise<void> {
    const found = await lookup(name, { all: true, family: 4 }).catch(() => []);
    const asked = await Promise.all(found.map(async ({ address }) => ((await isReady(address, port)) ? [address] : [])));
    // Where none is ready, one of them says why.
    const well = asked.flat();
    goodAddresses = well.length > 0 ? well : found.map(({ address }) => address);
  }

  async function dial(): Promise<Socket | undefined> {
    for (const address of [...goodAddresses.slice(turn++ % (goodAddresses.length || 1)), ...goodAddresses]) {
      const socket = await opened(address, port);
      if (socket) return socket;
    }
    return undefined;
  }

  const server = createServer({ pauseOnConnect: true }, async (incoming) => {
    incoming.on("error", () => {});
    if (goodAddresses.length === 0) await look();
    const onward = await dial();
    if (!onward) return void incoming.destroy();
    incoming.on("error", () => onward.destroy());
    onward.on("error", () => incoming.destroy());
    incoming.pipe(onward).pipe(incoming);
  });
  server.listen(port, "127.0.0.1");
  const again = () => look().finally(() => setTimeout(again, lookAgainMs));
  void again();
}

async function isReady(host: string, port: number): Promise<boolean> {
  const answer = await fetch(`http://${host}:${port}/health/ready`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}

function opened(host: string, port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => resolve(socket));
    socket.once("error", () => resolve(undefined));
  });
}
