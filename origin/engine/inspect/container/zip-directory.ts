// The central directory of a zip (PKWARE APPNOTE 4.3), read strictly: what two readers could read differently is refused.
import { membersMax } from "../limits.ts";
import type { ByteSource } from "./byte-source.ts";
import { damaged, shown, tooComplex } from "./refuse.ts";

export type Member = {
  name: string;
  nameBytes: Buffer;
  flags: number;
  method: number;
  crc: number;
  packed: number;
  unpacked: number;
  /** Of the local header. */
  at: number;
  unixMode: number;
};
export type Directory = { members: Member[]; start: number };

const endBytes = 22;
const commentBytesMax = 65_535;
const saturated16 = 0xffff;
const saturated32 = 0xffff_ffff;
const end = Buffer.from("PK\x05\x06", "latin1");
const end64 = 0x0606_4b50;
const locator64 = 0x0706_4b50;
const centralHeader = 0x0201_4b50;

export function readDirectory(source: ByteSource, membersLeft = membersMax): Directory {
  const { at, count, size, start } = endRecord(source);
  if (count > membersLeft) throw tooComplex(`It has ${count} members; ${membersMax} are allowed.`);
  if (start + size !== at) throw damaged("The zip directory is not where its end says.");
  const directory = source.read(start, size);
  const members: Member[] = [];
  for (let position = 0; position < directory.length; ) {
    const { member, next } = entryAt(directory, position);
    members.push(member);
    if (members.length > count) throw damaged("The zip directory has more members than it says.");
    position = next;
  }
  if (members.length !== count) throw damaged("The zip directory has fewer members than it says.");
  return { members, start };
}

/** `at` is where the directory must end. */
function endRecord(source: ByteSource): { at: number; count: number; size: number; start: number } {
  const tailStart = Math.max(0, source.size - endBytes - commentBytesMax);
  const tail = source.read(tailStart, source.size - tailStart);
  const found = tail.lastIndexOf(end);
  if (found < 0 || found + endBytes > tail.length) throw damaged("Its zip container is broken or cut.");
  const record = tail.subarray(found);
  const after = record.subarray(endBytes + record.readUInt16LE(20));
  // mail gateways pad with zeros
  if (record.length < endBytes + record.readUInt16LE(20) || after.some((byte) => byte !== 0))
    throw damaged("There is data after the end of the zip container.");
  const at = tailStart + found;
  const entry = { at, count: record.readUInt16LE(10), size: record.readUInt32LE(12), start: record.readUInt32LE(16) };
  if (record.readUInt16LE(4) !== 0 && record.readUInt16LE(4) !== saturated16) throw damaged("It is one of several parts of a zip.");
  const locator = at >= 20 ? source.read(at - 20, 20) : Buffer.alloc(0);
  const saturated = entry.count === saturated16 || entry.size === saturated32 || entry.start === saturated32;
  if (locator.length < 20 || locator.readUInt32LE(0) !== locator64) {
    if (saturated && entry.count !== saturated16) throw damaged("Its zip64 directory is missing.");
    return entry;
  }
  const at64 = safe(locator.readBigUInt64LE(8));
  const record64 = source.read(at64, 56);
  if (record64.length < 56 || record64.readUInt32LE(0) !== end64) throw damaged("Its zip64 directory is not where it is said to be.");
  const wide = {
    at: at64,
    count: safe(record64.readBigUInt64LE(32)),
    size: safe(record64.readBigUInt64LE(40)),
    start: safe(record64.readBigUInt64LE(48)),
  };
  const agrees =
    (entry.count === saturated16 || entry.count === wide.count) &&
    (entry.size === saturated32 || entry.size === wide.size) &&
    (entry.start === saturated32 || entry.start === wide.start);
  if (!agrees) throw damaged("The ends of its zip and zip64 directories differ.");
  return wide;
}

function entryAt(directory: Buffer, position: number): { member: Member; next: number } {
  if (position + 46 > directory.length || directory.readUInt32LE(position) !== centralHeader) throw damaged("Its zip directory is broken.");
  const header = directory.subarray(position, position + 46);
  const nameEnd = position + 46 + header.readUInt16LE(28);
  const extraEnd = nameEnd + header.readUInt16LE(30);
  const next = extraEnd + header.readUInt16LE(32);
  if (next > directory.length) throw damaged("Its zip directory is broken.");
  const nameBytes = directory.subarray(position + 46, nameEnd);
  const name = nameBytes.toString("utf8");
  const sizes = wideSizes(directory.subarray(nameEnd, extraEnd), {
    unpacked: header.readUInt32LE(24),
    packed: header.readUInt32LE(20),
    at: header.readUInt32LE(42),
  });
  if (!sizes) throw damaged(`The zip64 sizes of ${shown(name)} are missing.`);
  const flags = header.readUInt16LE(8);
  const [method, crc, unixMode] = [header.readUInt16LE(10), header.readUInt32LE(16), header.readUInt16LE(40)];
  return { member: { name, nameBytes, flags, method, crc, unixMode, ...sizes }, next };
}

type Sizes = { unpacked: number; packed: number; at: number };

/** Sizes that do not fit 32 bits stand in the extra field 1, in this order; undefined when they are missing. */
export function wideSizes(extra: Buffer, sizes: Sizes): Sizes | undefined {
  if (sizes.unpacked !== saturated32 && sizes.packed !== saturated32 && sizes.at !== saturated32) return sizes;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    let read = 0;
    const wide = (narrow: number): number | undefined => {
      if (narrow !== saturated32) return narrow;
      read += 8;
      return read <= field.length ? safe(field.readBigUInt64LE(read - 8)) : undefined;
    };
    const [unpacked, packed, offset] = [wide(sizes.unpacked), wide(sizes.packed), wide(sizes.at)];
    return unpacked === undefined || packed === undefined || offset === undefined ? undefined : { unpacked, packed, at: offset };
  }
  return undefined;
}

function safe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged("It claims sizes that no file has.");
  return Number(value);
}
