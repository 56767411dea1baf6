// A file that is two things at once is what its first bytes say: the engine is told the type and guesses nothing. A zip at the end of another format is noted.
import type { ByteSource } from "./container/byte-source.ts";
import type { Traits } from "./traits.ts";

const endBytes = 22;
const commentBytesMax = 65_535;

/** Zip readers look for the end of the directory first, and some do so in any file. */
export function notePolyglot(source: ByteSource, traits: Traits): void {
  const tail = source.read(Math.max(0, source.size - endBytes - commentBytesMax), endBytes + commentBytesMax);
  const found = tail.lastIndexOf("PK\x05\x06", undefined, "latin1");
  if (found < 0 || found + endBytes > tail.length) return;
  const [size, comment] = [tail.readUInt32LE(found + 12), tail.readUInt16LE(found + 20)];
  const directoryAt = source.size - tail.length + found - size;
  const whole = found + endBytes + comment === tail.length && directoryAt >= 0;
  if (whole && source.read(directoryAt, 4).toString("latin1") === "PK\x01\x02") traits.add("archives");
}
