// The guard of containers: what is in a zip or an OLE2 file, and in what is nested in it, within one budget.
import { setImmediate as breathe } from "node:timers/promises";
import {
  type InspectLimits,
  membersMax,
  nestedBytesMax,
  nestingMax,
  ratioFloorBytes,
  ratioMax,
  unpackedBytesMax,
  xmlBytesMax,
} from "../limits.ts";
import { xmlNotes } from "../markup-notes.ts";
import { noteCfbEntry, noteHead, noteMemberName, type Traits } from "../traits.ts";
import { type ByteSource, memorySource } from "./byte-source.ts";
import { checkCfb } from "./cfb-check.ts";
import { checkImageSize } from "./image-size.ts";
import { shown, tooComplex } from "./refuse.ts";
import { unpack } from "./unpack.ts";
import { looksLikeXml, xmlGuard } from "./xml-guard.ts";
import { readDirectory } from "./zip-directory.ts";
import { checkLayout, type Placed } from "./zip-layout.ts";

export type Budget = {
  traits: Traits;
  limits: InspectLimits;
  membersLeft: number;
  unpackedLeft: number;
  xmlLeft: number;
  restedAt: number;
};

const zipMagic = Buffer.from("PK\x03\x04", "latin1");
const cfbMagic = Buffer.from("d0cf11e0a1b11ae1", "hex");
const workMs = 50;

export const openBudget = (traits: Traits, limits: InspectLimits): Budget => ({
  traits,
  limits,
  membersLeft: membersMax,
  unpackedLeft: unpackedBytesMax(limits),
  xmlLeft: xmlBytesMax,
  restedAt: Date.now(),
});

export const isZip = (head: Buffer): boolean => head.subarray(0, 4).equals(zipMagic);
export const isCfb = (head: Buffer): boolean => head.subarray(0, 8).equals(cfbMagic);

/** Throws a Problem for what must not reach an engine; notes traits on the way. */
export async function guardContainer(source: ByteSource, budget: Budget, depth = 0): Promise<void> {
  if (depth > nestingMax) throw tooComplex(`Documents are nested in it more than ${nestingMax} deep.`);
  const head = source.read(0, 8);
  if (isZip(head)) await guardZip(source, budget, depth);
  else if (isCfb(head)) await guardCfb(source, budget, depth);
}

async function guardZip(source: ByteSource, budget: Budget, depth: number): Promise<void> {
  const directory = readDirectory(source, budget.membersLeft);
  budget.membersLeft -= directory.members.length;
  if (depth > 0 && !directory.members.some(({ name }) => name === "mimetype" || name === "[Content_Types].xml"))
    budget.traits.add("archives");
  const members = checkLayout(source, directory);
  let sum = 0;
  for (const { name, unpacked } of members) {
    sum += unpacked;
    if (unpacked > budget.limits.memberBytesMax) throw tooComplex(`${shown(name)} unpacks to more than the scanner reads.`);
    budget.unpackedLeft -= unpacked;
    if (budget.unpackedLeft < 0) throw tooComplex("It unpacks to more than a conversion may use.");
  }
  if (sum > ratioFloorBytes && sum > ratioMax * source.size) throw tooComplex(`It unpacks to more than ${ratioMax} times its size.`);
  for (const member of members) {
    noteMemberName(member.name, budget.traits);
    await guardMember(source, member, budget, depth);
    if (Date.now() - budget.restedAt < workMs) continue;
    await breathe();
    budget.restedAt = Date.now();
  }
}

async function guardMember(source: ByteSource, member: Placed, budget: Budget, depth: number): Promise<void> {
  let look: ((piece: Buffer) => void) | undefined;
  let nested: Buffer[] | undefined;
  let first = true;
  for await (const piece of unpack(source, member)) {
    if (first) {
      first = false;
      noteHead(piece, budget.traits);
      checkImageSize(piece, member.name);
      if (isZip(piece) || isCfb(piece)) nested = [];
      else if (looksLikeXml(piece)) look = xmlLook(member, budget);
      if (nested && member.unpacked > nestedBytesMax)
        throw tooComplex(`The container ${shown(member.name)} in it is too large to be looked into.`);
    }
    nested?.push(piece);
    look?.(piece);
  }
  if (nested) await guardContainer(memorySource(Buffer.concat(nested)), budget, depth + 1);
}

function xmlLook({ name, unpacked }: Placed, budget: Budget): (piece: Buffer) => void {
  budget.xmlLeft -= unpacked;
  if (budget.xmlLeft < 0) throw tooComplex("Its XML parts unpack to more than a conversion may use.");
  const guard = xmlGuard(name);
  const note = xmlNotes(budget.traits);
  return (piece) => {
    guard.write(piece);
    note(piece);
  };
}

async function guardCfb(source: ByteSource, budget: Budget, depth: number): Promise<void> {
  for (const { path, size, pieces } of checkCfb(source)) {
    noteCfbEntry(path, budget.traits);
    if (!pieces) continue;
    const { value: head } = pieces().next();
    if (!head) continue;
    noteHead(head, budget.traits);
    if (!isZip(head) && !isCfb(head)) continue;
    budget.traits.add("embedded-objects");
    if (size > nestedBytesMax) throw tooComplex(`The container ${shown(path)} in it is too large to be looked into.`);
    await guardContainer(memorySource(Buffer.concat([...pieces()])), budget, depth + 1);
  }
}
