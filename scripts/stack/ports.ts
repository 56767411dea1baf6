import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const host = "127.0.0.1";

/** Whether a program could listen on the port now. */
export function portIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Below the range from which systems draw ports by themselves, or another connection could take one before its server listens. */
const toDrawFrom = { lowest: 20_000, highest: 32_000 };

/** A port that nobody listens on at this moment, that the system gives to nobody unasked, and that nobody else draws while this process lives. */
export async function freePort({ lowest, highest } = toDrawFrom): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = randomInt(lowest, highest);
    if ((await isOurs(port)) && (await portIsFree(port))) return port;
  }
  throw new Error(`no port between ${lowest} and ${highest} is free`);
}

/** Between the draw and the moment that a server listens seconds may go by. The mark is a name of the system's that ends with this process. */
function isOurs(port: number): Promise<boolean> {
  if (process.platform !== "linux") return Promise.resolve(true);
  return new Promise((resolve) => {
    const mark = createServer();
    mark.once("error", () => resolve(false));
    mark.listen(`\0trusty-port-${port}`, () => resolve(true)).unref();
  });
}

/** Says which ports another program holds, and what to do about it. */
export async function refuseTakenPorts(ports: Record<string, number>): Promise<void> {
  const checked = await Promise.all(Object.entries(ports).map(async ([name, port]) => ({ name, port, free: await portIsFree(port) })));
  const taken = checked.filter(({ free }) => !free);
  if (taken.length === 0) return;
  const list = taken.map(({ name, port }) => `  port ${port}, for the ${name}, is taken by another program`).join("\n");
  const other = Math.max(...Object.values(ports)) + 1_000;
  throw new Error(`${list}\nEnd that program, or choose other ports: TRUSTY_PORT=${other} npm start`);
}
