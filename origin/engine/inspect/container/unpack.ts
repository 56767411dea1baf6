// Unpacks a member and counts: what it declares about itself is believed by nobody.
import { pipeline, Readable } from "node:stream";
import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import type { ByteSource } from "./byte-source.ts";
import { damaged, shown } from "./refuse.ts";
import type { Placed } from "./zip-layout.ts";

/** Up to this size one call is faster than a stream, and short enough to block. */
const atOnceBytesMax = 4_000_000;
const pieceBytes = 262_144;

/** The member's bytes in pieces; it fails at the first byte too many, and when the checksum does not fit. */
export async function* unpack(source: ByteSource, member: Placed): AsyncGenerator<Buffer> {
  let bytes = 0;
  let crc = 0;
  try {
    for await (const piece of pieces(source, member)) {
      bytes += piece.length;
      if (bytes > member.unpacked) break;
      crc = crc32(piece, crc);
      yield piece;
    }
  } catch (error) {
    if (!isZlibError(error)) throw error;
    if (error.code !== "ERR_BUFFER_TOO_LARGE") throw damaged(`${shown(member.name)} cannot be unpacked.`);
    bytes = member.unpacked + 1;
  }
  if (bytes !== member.unpacked) throw damaged(`${shown(member.name)} does not unpack to the size that it declares.`);
  if (crc !== member.crc) throw damaged(`The checksum of ${shown(member.name)} is wrong.`);
}

function pieces(source: ByteSource, member: Placed): Iterable<Buffer> | AsyncIterable<Buffer> {
  const packed = slices(source, member.dataAt, member.packed);
  if (member.method === 0) return packed;
  if (member.unpacked > atOnceBytesMax || member.packed > atOnceBytesMax) return inflated(packed);
  const room = Math.max(64, member.unpacked + 1);
  return [inflateRawSync(source.read(member.dataAt, member.packed), { chunkSize: room, maxOutputLength: room })];
}

/** Its errors are the reader's: whoever iterates meets them, and the pipeline sees to it that nobody else does. */
function inflated(packed: Iterable<Buffer>): AsyncIterable<Buffer> {
  const inflater = createInflateRaw({ chunkSize: pieceBytes });
  pipeline(Readable.from(packed), inflater, () => {});
  return inflater;
}

function* slices(source: ByteSource, start: number, length: number): Generator<Buffer> {
  for (let done = 0; done < length; done += pieceBytes) {
    const piece = source.read(start + done, Math.min(pieceBytes, length - done));
    if (piece.length === 0) return;
    yield piece;
  }
}

function isZlibError(error: unknown): error is NodeJS.ErrnoException {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && (code.startsWith("Z_") || code === "ERR_BUFFER_TOO_LARGE");
}
