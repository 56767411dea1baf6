// What a file carries that is worth knowing and no reason to refuse it: the box runs no macro, follows no reference and starts no program of it.
import type { Trait } from "#contract/jobs.ts";

export type Traits = Set<Trait>;

const machO = new Set(["feedface", "feedfacf", "cefaedfe", "cffaedfe", "cafebabe"]);
const archives = ["526172211a07", "377abcaf271c", "fd377a585a00", "4d534346", "425a68"];
/** By the name of a member of OOXML or OpenDocument. */
export function noteMemberName(name: string, traits: Traits): void {
  if (/(^|\/)vbaProject\w*\.bin$|^xl\/macrosheets\//i.test(name)) traits.add("macros");
  if (/^Basic\/[^/]+\/(?!(script|dialog)-lb\.xml$)[^/]+|^Scripts\/.*[^/]$/i.test(name)) traits.add("macros");
  if (/(^|\/)(embeddings|activeX)\/[^/]+\.(?!rels$)|^Object \d+(\/content\.xml)?$/i.test(name)) traits.add("embedded-objects");
  if (/^xl\/externalLinks\//i.test(name)) traits.add("external-references");
}

/** By the first bytes of a member or of an embedded file. */
export function noteHead(head: Buffer, traits: Traits): void {
  const hex = head.subarray(0, 6).toString("hex");
  const dos = hex.startsWith("4d5a") && head.length >= 64 && head.subarray(0, 64).includes(0);
  if (dos || hex.startsWith("7f454c46") || machO.has(hex.slice(0, 8))) traits.add("executables");
  if (archives.some((magic) => hex.startsWith(magic))) traits.add("archives");
}

/** By the path of an entry of an OLE2 compound file. */
export function noteCfbEntry(path: string, traits: Traits): void {
  if (/(^|\/)(Macros|_VBA_PROJECT(_CUR)?|VBA)(\/|$)/i.test(path)) traits.add("macros");
  if (/(^|\/)(ObjectPool\/.+|MBD[0-9A-F]{8}|\p{Cc}Ole10Native|EmbeddedOdf)$/iu.test(path)) traits.add("embedded-objects");
  // an OLE Package is a file of any kind
  if (/(^|\/)\p{Cc}Ole10Native$/iu.test(path)) traits.add("executables");
}
