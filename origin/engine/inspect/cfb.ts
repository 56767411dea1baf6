// Reads OLE2 compound files ([MS-CFB]) as far as needed: the streams of the root storage.
import type { ByteSource } from "./container/byte-source.ts";

export type CfbStream = { start: number; size: number };
export type Cfb = {
  streams: ReadonlyMap<string, CfbStream>;
  /** The bytes of a stream, in pieces. */
  read(stream: CfbStream): Generator<Buffer>;
};

const entryBytes = 128;
const directoryBytesMax = 4_000_000;
const tableSectorsMax = 65_536;
const miniSectorBytes = 64;

/** Without streams for a file that is not a whole compound file. */
export function openCfb(source: ByteSource): Cfb {
  const none: Cfb = { streams: new Map(), read: function* () {} };
  const header = source.read(0, 512);
  const shift = header.length < 512 ? 0 : header.readUInt16LE(30);
  if (shift !== 9 && shift !== 12) return none;
  const sectorBytes = 1 << shift;
  const sector = (index: number) => source.read((index + 1) * sectorBytes, sectorBytes);
  const table = allocationTable(header, sector, sectorBytes, Math.ceil(source.size / sectorBytes));
  const chain = (start: number) => chainOf(table, start);

  const directory = gather(chain(header.readUInt32LE(48)), sector, directoryBytesMax);
  if (directory.length < entryBytes) return none;
  const root = { start: directory.readUInt32LE(116), size: directory.readUInt32LE(120) };
  const miniCutoff = header.readUInt32LE(56);

  function* read(stream: CfbStream): Generator<Buffer> {
    let left = stream.size;
    const mini = stream.size < miniCutoff;
    const pieces = mini ? miniPieces(stream.start) : bigPieces(stream.start);
    for (const piece of pieces) {
      if (left <= 0) return;
      yield piece.subarray(0, left);
      left -= piece.length;
    }
  }
  function* bigPieces(start: number): Generator<Buffer> {
    for (const index of chain(start)) yield sector(index);
  }
  function* miniPieces(start: number): Generator<Buffer> {
    const miniTable = words(gather(chain(header.readUInt32LE(60)), sector, directoryBytesMax));
    const miniStream = gather(chain(root.start), sector, directoryBytesMax);
    for (const index of chainOf(miniTable, start)) yield miniStream.subarray(index * miniSectorBytes, (index + 1) * miniSectorBytes);
  }
  return { streams: childrenOfRoot(directory), read };
}

/** The whole allocation table: its first 109 sectors are named in the header, the others in a chain of sectors. */
function allocationTable(header: Buffer, sector: (index: number) => Buffer, sectorBytes: number, sectorsMax: number): Uint32Array {
  const named = Array.from({ length: 109 }, (_, index) => header.readUInt32LE(76 + index * 4));
  const chainMax = Math.min(header.readUInt32LE(72), 4_096);
  for (let index = header.readUInt32LE(68), read = 0; read < chainMax && index < sectorsMax; read++) {
    const list = words(sector(index));
    named.push(...list.subarray(0, -1));
    index = list.at(-1) ?? sectorsMax;
  }
  const used = named.filter((index) => index < sectorsMax).slice(0, tableSectorsMax);
  return words(gather(used, sector, used.length * sectorBytes));
}

/** Follows a chain of sectors; a loop ends it. */
function* chainOf(table: Uint32Array, start: number): Generator<number> {
  for (let index = start, steps = 0; index < table.length && steps <= table.length; steps++) {
    yield index;
    index = table[index] ?? table.length;
  }
}

function gather(sectors: Iterable<number>, sector: (index: number) => Buffer, bytesMax: number): Buffer {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for (const index of sectors) {
    if (bytes >= bytesMax) break;
    const piece = sector(index);
    bytes += piece.length;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Walks the tree of the root's entries; those of other storages are other documents, embedded in this one. */
function childrenOfRoot(directory: Buffer): Map<string, CfbStream> {
  const streams = new Map<string, CfbStream>();
  const seen = new Set<number>();
  const count = Math.floor(directory.length / entryBytes);
  const waiting = [directory.readUInt32LE(76)];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (index >= count || seen.has(index)) continue;
    seen.add(index);
    const entry = directory.subarray(index * entryBytes, (index + 1) * entryBytes);
    const nameBytes = Math.min(entry.readUInt16LE(64), 64);
    const name = entry.subarray(0, Math.max(0, nameBytes - 2)).toString("utf16le");
    streams.set(name, { start: entry.readUInt32LE(116), size: entry.readUInt32LE(120) });
    waiting.push(entry.readUInt32LE(68), entry.readUInt32LE(72));
  }
  return streams;
}

const words = (bytes: Buffer): Uint32Array =>
  Uint32Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readUInt32LE(index * 4));
