// A zip writer that also writes zips which no honest program writes (PKWARE APPNOTE 4.3).
import { crc32, deflateRawSync } from "node:zlib";
import { zipCrypto } from "./zip-crypto.ts";

export type RawMember = {
  name: string;
  content: Uint8Array | string;
  /** In the local header, when it says another name. */
  localName?: string;
  stored?: boolean;
  /** Encrypted with the traditional cipher. */
  password?: string;
  /** What the headers claim that it unpacks to. */
  claimedBytes?: number;
  /** Unix mode, for symbolic links. */
  mode?: number;
  /** The directory's entry points to the local header of this earlier member instead of its own. */
  sharesBytesOf?: number;
};

export function rawZip(members: readonly RawMember[], { prefix = Buffer.alloc(0) } = {}): Buffer {
  const bodies: Buffer[] = [prefix];
  const directory: Buffer[] = [];
  const headers: { offset: number; shared: Buffer }[] = [];
  let offset = prefix.length;
  for (const member of members) {
    const earlier = member.sharesBytesOf === undefined ? undefined : headers[member.sharesBytesOf];
    const { local, shared } = earlier ? { local: Buffer.alloc(0), shared: earlier.shared } : localPart(member);
    const at = earlier?.offset ?? offset;
    headers.push({ offset: at, shared });
    bodies.push(local);
    directory.push(directoryEntry(member, shared, at));
    offset += local.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([...bodies, ...directory, ending(members.length, size, offset)]);
}

function ending(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(Math.min(count, 0xffff), 8);
  end.writeUInt16LE(Math.min(count, 0xffff), 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  if (count < 0xffff) return end;
  const record = Buffer.alloc(56);
  record.write("PK\x06\x06", 0, "latin1");
  record.writeUInt32LE(44, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  for (const [at, value] of [
    [24, count],
    [32, count],
    [40, size],
    [48, offset],
  ] as const)
    record.writeUInt32LE(value, at);
  const locator = Buffer.alloc(20);
  locator.write("PK\x06\x07", 0, "latin1");
  locator.writeUInt32LE(offset + size, 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([record, locator, end]);
}

function localPart({ name, localName = name, content, stored = name === "mimetype", password, claimedBytes }: RawMember) {
  const plain = Buffer.from(content as Uint8Array);
  const crc = crc32(plain);
  const packed = stored ? plain : deflateRawSync(plain);
  const body = password === undefined ? packed : zipCrypto(packed, password, crc);
  const shared = Buffer.alloc(26); // from "version needed" to "extra field length", which both headers have
  shared.writeUInt16LE(20, 0);
  shared.writeUInt16LE((password === undefined ? 0 : 1) | 0x0800, 2);
  shared.writeUInt16LE(stored ? 0 : 8, 4);
  shared.writeUInt16LE(0x0021, 8);
  shared.writeUInt32LE(crc, 10);
  shared.writeUInt32LE(body.length, 14);
  shared.writeUInt32LE(claimedBytes ?? plain.length, 18);
  const local = Buffer.from(shared);
  local.writeUInt16LE(Buffer.byteLength(localName), 22);
  return { local: Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), local, Buffer.from(localName), body]), shared };
}

function directoryEntry({ name, mode = 0 }: RawMember, shared: Buffer, offset: number): Buffer {
  const own = Buffer.from(shared);
  own.writeUInt16LE(Buffer.byteLength(name), 22);
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE((mode << 16) >>> 0, 6);
  tail.writeUInt32LE(offset, 10);
  return Buffer.concat([Buffer.from("PK\x01\x02\x14\x03", "latin1"), own, tail, Buffer.from(name)]);
}
