import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

export type EdgeOptions = {
  rounds: number;
  /** Of one slice. */
  ms: number;
  connections: number;
  /** Where the objects' folder is made. */
  objects: string;
  profile?: string;
};

const memory = "/dev/shm";
const usage = "usage: npm run bench -- edge [--rounds N] [--seconds N] [--connections N] [--objects DIR] [--profile FILE]";

export function parseEdgeOptions(argv: string[], here: string): EdgeOptions {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args: argv, options: { rounds: text, seconds: text, connections: text, objects: text, profile: text } });
  const number = (name: "rounds" | "seconds" | "connections", standard: number): number => {
    const value = Number(values[name] ?? standard);
    if (!(value > 0 && value <= 1_000)) throw new Error(`--${name} must be a number above 0, at most 1000\n${usage}`);
    return value;
  };
  return {
    rounds: Math.ceil(number("rounds", 5)),
    ms: number("seconds", 1) * 1_000,
    connections: Math.ceil(number("connections", 32)),
    objects: values.objects === undefined ? standardObjects() : resolve(here, values.objects),
    ...(values.profile !== undefined && { profile: resolve(here, values.profile) }),
  };
}

/** workerd waits for the disk at each write, within the thread that serves; Cloudflare's objects do not. */
const standardObjects = (): string => (existsSync(memory) ? memory : tmpdir());
