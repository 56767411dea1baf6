// Walks an OLE2 compound file ([MS-CFB]): every chain of sectors must lie in the file, end, and belong to one stream.
import type { ByteSource } from "./byte-source.ts";
import { damaged, tooComplex } from "./refuse.ts";

/** `path` without the root. Small streams lie in the root's and are not read: `pieces` is of the others. */
export type CfbEntry = { path: string; size: number; pieces: (() => Generator<Buffer>) | undefined };

const entryBytes = 128;
const entriesMax = 32_768;
const [storage, stream] = [1, 2];
const noEntry = 0xffff_ffff;

export function checkCfb(source: ByteSource): CfbEntry[] {
  const header = source.read(0, 512);
  const shift = header.length < 512 ? 0 : header.readUInt16LE(30);
  if ((shift !== 9 && shift !== 12) || header.readUInt16LE(28) !== 0xfffe) throw damaged("Its OLE2 header is broken.");
  const sectorBytes = 1 << shift;
  const sectors = Math.max(0, Math.ceil(source.size / sectorBytes) - 1);
  const sector = (index: number) => source.read((index + 1) * sectorBytes, sectorBytes);
  const taken = new Uint8Array(sectors);
  const take = (index: number): number => {
    if (index >= sectors) throw damaged("Its OLE2 container is cut: a part lies beyond its end.");
    if (taken[index]) throw damaged("The sectors of its OLE2 container run in a circle, or belong to two streams.");
    taken[index] = 1;
    return index;
  };
  const table = allocationTable(header, sector, take);

  /** The sectors of a stream of so many bytes; of one of unknown size until the end of its chain. */
  function chain(start: number, bytes?: number): number[] {
    const found: number[] = [];
    const needed = bytes === undefined ? undefined : Math.ceil(bytes / sectorBytes);
    if (needed !== undefined && needed > sectors) throw damaged("A stream of its OLE2 container is larger than the file.");
    for (let index = start; needed === undefined ? index < 0xffff_fffa : found.length < needed; index = table[index] ?? noEntry)
      found.push(take(index));
    return found;
  }

  const directorySectors = chain(header.readUInt32LE(48));
  if (directorySectors.length * sectorBytes > entriesMax * entryBytes)
    throw tooComplex(`Its OLE2 container has more than ${entriesMax} entries.`);
  const directory = Buffer.concat(directorySectors.map(sector));
  if (directory.length < entryBytes) throw damaged("Its OLE2 directory is broken.");
  chain(header.readUInt32LE(60));
  chain(directory.readUInt32LE(116), directory.readUInt32LE(120));
  const smallBelow = header.readUInt32LE(56);
  return entriesOf(directory).map(({ path, kind, start, size }) => {
    const own = kind === stream && size >= smallBelow ? chain(start, size) : undefined;
    function* pieces(): Generator<Buffer> {
      let left = size;
      for (const index of own ?? []) {
        yield sector(index).subarray(0, left);
        left -= sectorBytes;
      }
    }
    return { path, size, pieces: own && pieces };
  });
}

/** Its first 109 sectors are named in the header, the others in a chain of sectors. */
function allocationTable(header: Buffer, sector: (index: number) => Buffer, take: (index: number) => number): Uint32Array {
  const count = header.readUInt32LE(44);
  const named = Array.from({ length: 109 }, (_, index) => header.readUInt32LE(76 + index * 4));
  for (let index = header.readUInt32LE(68), left = header.readUInt32LE(72); left > 0 && index < 0xffff_fffa; left--) {
    const list = words(sector(take(index)));
    named.push(...list.subarray(0, -1));
    index = list.at(-1) ?? noEntry;
  }
  const used = named.filter((index) => index < 0xffff_fffa).slice(0, count);
  return words(Buffer.concat(used.map((index) => sector(take(index)))));
}

type Raw = { path: string; kind: number; start: number; size: number };

/** All entries but the root: a tree of siblings in each storage. */
function entriesOf(directory: Buffer): Raw[] {
  const count = Math.floor(directory.length / entryBytes);
  const seen = new Set<number>();
  const found: Raw[] = [];
  const waiting = [{ index: directory.readUInt32LE(76), folder: "" }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { index, folder } = next;
    if (index === noEntry) continue;
    if (index >= count) throw damaged("Its OLE2 directory names an entry that it does not have.");
    if (seen.has(index)) throw damaged("The directory of its OLE2 container runs in a circle.");
    seen.add(index);
    const entry = directory.subarray(index * entryBytes, (index + 1) * entryBytes);
    const name = entry.subarray(0, Math.max(0, Math.min(entry.readUInt16LE(64), 64) - 2)).toString("utf16le");
    const path = `${folder}${name}`;
    const kind = entry[66] ?? 0;
    found.push({ path, kind, start: entry.readUInt32LE(116), size: entry.readUInt32LE(120) });
    for (const sibling of [68, 72]) waiting.push({ index: entry.readUInt32LE(sibling), folder });
    if (kind === storage) waiting.push({ index: entry.readUInt32LE(76), folder: `${path}/` });
  }
  return found;
}

const words = (bytes: Buffer): Uint32Array =>
  Uint32Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readUInt32LE(index * 4));
