import { resolve } from "node:path";
import { parseArgs } from "node:util";

export type Options = {
  /** In each round. */
  documents: number;
  rounds: number;
  /** How often each server gets each document before anything is measured. */
  warmUps: number;
  /** Pairs of single conversions, for the latency. */
  repetitions: number;
  folder?: string;
  json?: string;
  profile?: string;
};

const usual = { documents: 80, rounds: 3, "warm-ups": 4, repetitions: 30 };
const short = { documents: 24, rounds: 1, "warm-ups": 1, repetitions: 5 };
const usage =
  "usage: npm run bench -- path [--short] [--documents N] [--rounds N] [--warm-ups N] [--repetitions N] [--folder DIR] [--json FILE] [--profile DIR]";

export function parseOptions(argv: string[], here: string): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: argv,
    options: {
      ...{ documents: text, rounds: text, "warm-ups": text, repetitions: text, folder: text, json: text, profile: text },
      short: { type: "boolean" },
    },
  });
  const standard = values.short ? short : usual;
  const count = (name: keyof typeof usual): number => {
    const value = Number(values[name] ?? standard[name]);
    if (!Number.isInteger(value) || value < 1 || value > 10_000) throw new Error(`--${name} must be a whole number from 1\n${usage}`);
    return value;
  };
  return {
    documents: count("documents"),
    rounds: count("rounds"),
    warmUps: count("warm-ups"),
    repetitions: count("repetitions"),
    ...(values.folder !== undefined && { folder: resolve(here, values.folder) }),
    ...(values.json !== undefined && { json: resolve(here, values.json) }),
    ...(values.profile !== undefined && { profile: resolve(here, values.profile) }),
  };
}
