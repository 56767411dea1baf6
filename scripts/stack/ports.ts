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
const [lowest, highest] = [20_000, 32_000];

/** A port that nobody listens on at this moment, and that the system gives to nobody unasked. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = randomInt(lowest, highest);
    if (await portIsFree(port)) return port;
  }
  throw new Error(`no port between ${lowest} and ${highest} is free`);
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
