// A stand-in for the size of the official database: random hashes and body patterns that match nothing.
import { randomBytes, randomInt } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Signatures, testSignatures } from "#scripts/stack/signatures.ts";

/** Of so many signatures one is a body pattern, as it is in the official database by order of magnitude. */
const bodyShare = 20;
const batch = 10_000;

/** Half of the hashes are MD5, half SHA-256; patterns are 24 bytes for any file. */
export function syntheticSignatures(folder: string, count: number): Signatures {
  const signatures = testSignatures(folder);
  const bodies = Math.floor(count / bodyShare);
  const hashes = Math.ceil((count - bodies) / 2);
  const size = () => randomInt(100, 20_000_000);
  write(join(folder, "synthetic.hdb"), hashes, (index) => `${randomBytes(16).toString("hex")}:${size()}:Synthetic.M-${index}`);
  write(join(folder, "synthetic.hsb"), hashes, (index) => `${randomBytes(32).toString("hex")}:${size()}:Synthetic.S-${index}`);
  write(join(folder, "synthetic.ndb"), bodies, (index) => `Synthetic.B-${index}:0:*:${randomBytes(24).toString("hex")}`);
  return signatures;
}

function write(path: string, count: number, line: (index: number) => string): void {
  const file = openSync(path, "w");
  for (let from = 0; from < count; from += batch) {
    const lines = Array.from({ length: Math.min(batch, count - from) }, (_, index) => `${line(from + index)}\n`);
    writeSync(file, lines.join(""));
  }
  closeSync(file);
}
