// The objects of an RTF, held to the one way of writing them that clamd reads (libclamav/rtf.c): LibreOffice reads many more, and what clamd passes over it calls OK.
import { Problem } from "#contract/problems.ts";

const [space, tab, lineFeed, carriageReturn] = [0x20, 0x09, 0x0a, 0x0d];
const whitespace = new Set([space, tab, lineFeed, carriageReturn]);
const linked = 1;
/** clamd stumbles over a longer one. */
const classBytesMax = 64;
const pathBytesMax = 260;
/** Version and format; class, topic and item with their lengths; the size of what is embedded ([MS-OLEDS] 2.2.4). */
const headDigitsMax = 2 * (8 + 4 + classBytesMax + 2 * (4 + pathBytesMax) + 4);

/** clamd reads a file in pieces of this size, and loses its place where one ends in the wrong number of the head. */
const clamdPieceBytes = 8_192;

const unread = () => new Problem("scan-incomplete", "An object in it is written in a way that the scanner does not read.");

export function rtfObjects(firstBytes: Buffer) {
  /** clamd looks for this much of a signature, and takes the bytes after \bin for groups and words. */
  let inStep = firstBytes.toString("latin1") === "{\\rtf";
  /** Depth of the group that \object stands in. */
  let objectDepth: number | undefined;
  let head: string | undefined;
  /** How many digits stand before the ends of clamd's pieces. */
  let cuts: number[] = [];

  return {
    binary() {
      inStep = false;
    },
    /** A control word and the byte behind it; true when data follows, byte by byte, until its group closes. */
    word(word: string, next: number, depth: number): boolean {
      if (!word.startsWith("obj")) return false;
      if (/^object(\d|$)/.test(word)) {
        if (whitespace.has(next)) throw unread();
        objectDepth = Math.min(objectDepth ?? depth, depth);
      }
      if (!word.startsWith("objdata")) return false;
      if (word !== "objdata" || next !== space || objectDepth === undefined || !inStep) throw unread();
      head = "";
      cuts = [];
      return true;
    },
    data(byte: number, position: number) {
      if (head !== undefined && position % clamdPieceBytes === 0) cuts.push(head.length);
      if (whitespace.has(byte)) return;
      if (!isHexDigit(byte)) throw unread();
      if (head !== undefined && head.length < headDigitsMax) head += String.fromCharCode(byte);
    },
    /** A group of that depth closes. */
    close(depth: number) {
      if (head !== undefined) checkHead(Buffer.from(head, "hex"), cuts);
      head = undefined;
      if (objectDepth !== undefined && depth <= objectDepth) objectDepth = undefined;
    },
  };
}

/** clamd expects no topic and no item. Only linked objects have them, and where the size of embedded data would be, the length of a path. */
function checkHead(head: Buffer, cuts: readonly number[]): void {
  const numberAt = (at: number) => (at + 4 <= head.length ? head.readUInt32LE(at) : 0);
  let at = 8;
  const skip = (bytesMax: number) => {
    const bytes = numberAt(at);
    if (bytes > bytesMax) throw unread();
    at += 4 + bytes;
    return bytes;
  };
  skip(classBytesMax);
  const [zeros, content] = [2 * at, 2 * (at + 12)];
  if (cuts.some((digits) => (digits > zeros + 1 && digits < zeros + 16) || digits === content + 2 || digits === content + 3))
    throw unread();
  const more = skip(pathBytesMax) + skip(pathBytesMax);
  if (more > 0 && (numberAt(4) !== linked || numberAt(at) > pathBytesMax)) throw unread();
}

const isHexDigit = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46);
