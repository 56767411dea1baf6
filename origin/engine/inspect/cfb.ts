// Names of the streams in the root of an OLE2 compound file ([MS-CFB]); nothing else of it is read.
import type { FileHandle } from "node:fs/promises";

const noStream = 0xffffffff;
const directoryBytesMax = 4_000_000;
const entryBytes = 128;

/** Empty for a file that is not a whole compound file. */
export async function rootStreams(file: FileHandle, size: number): Promise<Set<string>> {
  const header = await bytesAt(file, 0, 512);
  const shift = header.length < 512 ? 0 : header.readUInt16LE(30);
  if (shift !== 9 && shift !== 12) return new Set();
  const sectorBytes = 1 << shift;
  const sectorsMax = Math.ceil(size / sectorBytes);
  const sector = (index: number) => bytesAt(file, (index + 1) * sectorBytes, sectorBytes);
  const fat = await allocationTable(header, sector, sectorBytes);
  const next = async (index: number) => {
    const table = fat[Math.floor(index / (sectorBytes / 4))];
    const bytes = table === undefined ? undefined : await sector(table);
    const at = (index % (sectorBytes / 4)) * 4;
    return bytes && bytes.length >= at + 4 ? bytes.readUInt32LE(at) : noStream;
  };
  const directory: Buffer[] = [];
  for (
    let index = header.readUInt32LE(48);
    index < sectorsMax && directory.length * sectorBytes < directoryBytesMax;
    index = await next(index)
  ) {
    directory.push(await sector(index));
  }
  return childrenOfRoot(Buffer.concat(directory));
}

/** Sector numbers of the allocation table: 109 in the header, the others in a chain of sectors. */
async function allocationTable(header: Buffer, sector: (index: number) => Promise<Buffer>, sectorBytes: number): Promise<number[]> {
  const fat = Array.from({ length: 109 }, (_, index) => header.readUInt32LE(76 + index * 4));
  const chainMax = Math.min(header.readUInt32LE(72), 4096);
  for (let index = header.readUInt32LE(68), read = 0; read < chainMax; read++) {
    const bytes = await sector(index);
    if (bytes.length < sectorBytes) break;
    for (let at = 0; at < sectorBytes - 4; at += 4) fat.push(bytes.readUInt32LE(at));
    index = bytes.readUInt32LE(sectorBytes - 4);
  }
  return fat;
}

function childrenOfRoot(directory: Buffer): Set<string> {
  const names = new Set<string>();
  const seen = new Set<number>();
  const count = Math.floor(directory.length / entryBytes);
  const waiting = count > 0 ? [directory.readUInt32LE(76)] : [];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (index >= count || seen.has(index)) continue;
    seen.add(index);
    const entry = directory.subarray(index * entryBytes, (index + 1) * entryBytes);
    const nameBytes = Math.min(entry.readUInt16LE(64), 64);
    names.add(entry.subarray(0, Math.max(0, nameBytes - 2)).toString("utf16le"));
    waiting.push(entry.readUInt32LE(68), entry.readUInt32LE(72));
  }
  return names;
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
