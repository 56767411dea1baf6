import { resolve } from "node:path";
import { parseArgs } from "node:util";

export type GateOptions = {
  rounds: number;
  /** Each part works on a document for at least so long, in each round. */
  turnMs: number;
  /** Signatures of the second clamd; 0 is none. */
  signatures: number;
  folder?: string;
  json?: string;
};

const usual = { rounds: 5, turn: 300, signatures: 1_000_000 };
const short = { rounds: 1, turn: 200, signatures: 0 };
const usage = "usage: npm run bench -- gate [--short] [--rounds N] [--turn MS] [--signatures N] [--folder DIR] [--json FILE]";

export function parseGateOptions(argv: string[], here: string): GateOptions {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: argv,
    options: { rounds: text, turn: text, signatures: text, folder: text, json: text, short: { type: "boolean" } },
  });
  const standard = values.short ? short : usual;
  const count = (name: keyof typeof usual, min: number): number => {
    const value = Number(values[name] ?? standard[name]);
    if (!Number.isInteger(value) || value < min || value > 10_000_000)
      throw new Error(`--${name} must be a whole number from ${min}\n${usage}`);
    return value;
  };
  return {
    rounds: count("rounds", 1),
    turnMs: count("turn", 1),
    signatures: count("signatures", 0),
    ...(values.folder !== undefined && { folder: resolve(here, values.folder) }),
    ...(values.json !== undefined && { json: resolve(here, values.json) }),
  };
}
