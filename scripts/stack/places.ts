import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

/** Where a stack keeps everything, and where it listens. */
export type Places = {
  root: string;
  state: string;
  stackFile: string;
  ports: { edge: number; origin: number; inspector: number; redis: number; metrics: number };
  data: (name: string) => string;
  log: (name: string) => string;
  /** Unix sockets. */
  sockets: string;
};

const root = resolve(import.meta.dirname, "../..");
/** Of a socket's path, with the zero at its end (unix(7)); the longest name of ours is kept free. */
const socketPathBytesMax = 108 - "/clamd/clamd.sock".length - 1;

/** `TRUSTY_STATE` is the folder of everything that is not code; `TRUSTY_PORT` is the edge's port, and the others follow it. */
export function placesOf(environment: Record<string, string | undefined>): Places {
  const state = resolve(root, environment.TRUSTY_STATE || ".trusty");
  const base = Number(environment.TRUSTY_PORT || 8787);
  if (!Number.isInteger(base) || base < 1 || base > 65_500)
    throw new Error(`TRUSTY_PORT must be a port number, and is ${environment.TRUSTY_PORT}`);
  const sockets = join(state, "run");
  if (Buffer.byteLength(sockets) > socketPathBytesMax) {
    throw new Error(`The path ${sockets} is too long for unix sockets; set TRUSTY_STATE to a shorter folder.`);
  }
  // Lists of addresses are separated by commas.
  if (sockets.includes(",")) throw new Error(`The path ${sockets} has a comma; set TRUSTY_STATE to a folder without one.`);
  for (const folder of ["run", "logs", "data"]) mkdirSync(join(state, folder), { recursive: true, mode: 0o700 });
  return {
    root,
    state,
    stackFile: join(state, "stack.json"),
    ports: { edge: base, origin: base + 1, inspector: base + 2, redis: base + 3, metrics: base + 4 },
    data: (name) => join(state, "data", name),
    log: (name) => join(state, "logs", `${name}.log`),
    sockets,
  };
}
