// Holds a zip's directory against what lies in the file: names, local headers, overlaps and what hides between the members.
import { Problem } from "#contract/problems.ts";
import { ratioFloorBytes, ratioMax } from "../limits.ts";
import type { ByteSource } from "./byte-source.ts";
import { damaged, shown, tooComplex } from "./refuse.ts";
import { type Directory, type Member, wideSizes } from "./zip-directory.ts";

export type Placed = Member & { dataAt: number };

const localHeader = Buffer.from("PK\x03\x04", "latin1");
const [encrypted, sizesFollow, strongEncryption, masked] = [0x0001, 0x0008, 0x0040, 0x2000];
const methods = new Set([0, 8]);
const nameBytesMax = 1_024;
const gapBytesMax = 1_000_000;
const fileKinds = new Set([0, 0x4000, 0x8000]);

/** The members in the order of their bytes, each with the place of its data. */
export function checkLayout(source: ByteSource, { members, start }: Directory): Placed[] {
  checkNames(members);
  const placed: Placed[] = [];
  let free = 0;
  for (const member of [...members].sort((a, b) => a.at - b.at)) {
    checkMember(member);
    if (member.at < free) throw damaged(`${shown(member.name)} overlaps another member.`);
    checkGap(source, free, member.at);
    const dataAt = checkLocalHeader(source, member, start);
    free = dataAt + member.packed;
    if (free > start) throw damaged(`${shown(member.name)} is larger than the place it has.`);
    placed.push({ ...member, dataAt });
  }
  checkGap(source, free, start);
  return placed;
}

/** Readers on other systems take names that differ by case for one, and write beyond the folder they unpack into. */
function checkNames(members: readonly Member[]): void {
  const seen = new Set<string>();
  for (const { name, nameBytes } of members) {
    if (nameBytes.length === 0 || nameBytes.length > nameBytesMax) throw damaged("A member has no name, or one that is too long.");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[\x00-\x1f\\]/.test(name)) throw damaged(`The name ${shown(name)} has characters that no member's name has.`);
    if (/^(\/|[a-z]:)/i.test(name)) throw damaged(`The name ${shown(name)} is absolute.`);
    if (name.split("/").includes("..")) throw damaged(`The name ${shown(name)} leads out of the container.`);
    const folded = name.normalize("NFC").toLowerCase().replace(/\/$/, "");
    if (seen.has(folded)) throw damaged(`There are several members of the name ${shown(name)}.`);
    seen.add(folded);
  }
}

function checkMember({ name, flags, method, packed, unpacked, unixMode }: Member): void {
  if ((flags & (encrypted | strongEncryption | masked)) !== 0 || method === 99)
    throw new Problem("encrypted-unsupported", `The member ${shown(name)} is encrypted.`);
  if (!methods.has(method)) throw damaged(`${shown(name)} is compressed by a method that documents do not use.`);
  if (!fileKinds.has(unixMode & 0xf000)) throw damaged(`${shown(name)} is a link or a device.`);
  if (method === 0 && packed !== unpacked) throw damaged(`The sizes of ${shown(name)} contradict each other.`);
  if (unpacked > ratioFloorBytes && unpacked > ratioMax * packed)
    throw tooComplex(`${shown(name)} unpacks to more than ${ratioMax} times its size.`);
}

/** Where the member's data begin. */
function checkLocalHeader(source: ByteSource, member: Member, limit: number): number {
  const header = member.at + 30 <= limit ? source.read(member.at, 30) : Buffer.alloc(0);
  if (header.length < 30 || !header.subarray(0, 4).equals(localHeader))
    throw damaged(`There is no member ${shown(member.name)} where it should be.`);
  const [nameLength, extraLength] = [header.readUInt16LE(26), header.readUInt16LE(28)];
  const rest = source.read(member.at + 30, nameLength + extraLength);
  const differs = (what: string) => damaged(`The two headers of ${shown(member.name)} differ in its ${what}.`);
  if (!rest.subarray(0, nameLength).equals(member.nameBytes)) throw differs("name");
  if (header.readUInt16LE(8) !== member.method) throw differs("compression");
  const flags = header.readUInt16LE(6);
  if (((flags ^ member.flags) & (encrypted | strongEncryption | masked)) !== 0) throw differs("encryption");
  const told = { unpacked: header.readUInt32LE(22), packed: header.readUInt32LE(18), at: 0 };
  const sizes = wideSizes(rest.subarray(nameLength), told) ?? told;
  const later = (flags & sizesFollow) !== 0;
  const fits = (here: number, there: number) => here === there || (later && (here === 0 || here === 0xffff_ffff));
  if (!fits(sizes.packed, member.packed) || !fits(sizes.unpacked, member.unpacked)) throw differs("size");
  if (!fits(header.readUInt32LE(14), member.crc)) throw differs("checksum");
  return member.at + 30 + nameLength + extraLength;
}

/** Data descriptors and padding lie between members; a member that the directory does not know must not. */
function checkGap(source: ByteSource, from: number, to: number): void {
  if (to - from > gapBytesMax || (to > from && source.read(from, to - from).includes(localHeader)))
    throw damaged("There is data between its members that its directory does not know.");
}
