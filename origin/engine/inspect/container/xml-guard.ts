// Looks at XML as it streams by: entity declarations, character sets that hide them, and elements within elements.
import { TextDecoder } from "node:util";
import { xmlDepthMax } from "../limits.ts";
import { shown, tooComplex } from "./refuse.ts";

export type XmlGuard = { write(piece: Buffer): void };

const doctypeBytesMax = 65_536;
const entitiesMax = 64;
/** Parsers know more, among them some (UTF-7, EBCDIC, ISO-2022) in which a declaration does not look like one. */
const charset =
  /^(utf-?8|utf-?16([bl]e)?|us-ascii|ascii|iso-?8859-\d+|windows-\d+|cp125\d|shift_jis|euc-(jp|kr)|gb2312|gbk|gb18030|big5|koi8-[ru])$/i;
const [lt, gt, slash, bang, question, quote, apostrophe, dash, bracket, closing] = [
  0x3c, 0x3e, 0x2f, 0x21, 0x3f, 0x22, 0x27, 0x2d, 0x5b, 0x5d,
];

const fourByteMarks = ["0000feff", "fffe0000", "0000003c", "3c000000"].map((hex) => Buffer.from(hex, "hex"));

type State = "text" | "open" | "tag" | "declaration" | "comment" | "cdata" | "instruction" | "doctype";

export function looksLikeXml(head: Buffer): boolean {
  const wide = head[0] === 0 || head[1] === 0 || head[0] === 0xff || head[0] === 0xfe;
  const text = (wide ? Buffer.from(head.subarray(0, 256).filter((byte) => byte !== 0 && byte < 0x80)) : head.subarray(0, 256)).toString(
    "utf8",
  );
  return /^\ufeff?\s*</.test(text) && !/^\ufeff?\s*<(!doctype\s+)?html/i.test(text);
}

export function xmlGuard(name: string): XmlGuard {
  let state: State = "text";
  let depth = 0;
  let quoted = 0;
  let previous = 0;
  let before = 0;
  let declared: number[] = [];
  let brackets = 0;
  let decoder: TextDecoder | undefined;
  let first = true;

  function scan(piece: Buffer): void {
    for (let at = 0; at < piece.length; at++) {
      if (state === "text") {
        at = nextTag(piece, at);
        if (at < 0) return;
        state = "open";
      } else if (state === "tag") at = tag(piece, at);
      else {
        const byte = piece[at] ?? 0;
        other(byte);
        before = previous;
        previous = byte;
      }
    }
  }

  /** To the end of a tag, or of the piece: most bytes of a document are here, so nothing but locals is touched. */
  function tag(piece: Buffer, from: number): number {
    let [open, last] = [quoted, previous];
    for (let at = from; at < piece.length; at++) {
      const byte = piece[at] ?? 0;
      if (open !== 0) {
        if (byte === open) open = 0;
      } else if (byte === quote || byte === apostrophe) open = byte;
      else if (byte === gt) {
        if (last !== slash && ++depth > xmlDepthMax)
          throw tooComplex(`The elements of ${shown(name)} are nested more than ${xmlDepthMax} deep.`);
        state = "text";
        return at;
      }
      last = byte;
    }
    [quoted, previous] = [open, last];
    return piece.length;
  }

  function other(byte: number): void {
    if (state === "open") {
      if (byte === slash) depth--;
      state = byte === slash ? "text" : byte === bang ? "declaration" : byte === question ? "instruction" : "tag";
      quoted = 0;
      if (byte === bang) {
        declared = [];
        brackets = 0;
      } else if (byte === gt) state = "text";
    } else if (state === "declaration") {
      declared.push(byte);
      const begun = Buffer.from(declared).toString("latin1").toUpperCase();
      if (begun === "--") state = "comment";
      else if (begun === "[CDATA[") state = "cdata";
      else if (begun === "DOCTYPE") state = "doctype";
      else if (!["--", "[CDATA[", "DOCTYPE"].some((word) => word.startsWith(begun)))
        throw tooComplex(`The XML of ${shown(name)} has a declaration where none may be.`);
      if (state !== "declaration") [declared, previous, before] = [[], 0, 0];
    } else if (state === "comment") {
      if (byte === gt && previous === dash && before === dash) state = "text";
    } else if (state === "cdata") {
      if (byte === gt && previous === closing && before === closing) state = "text";
    } else if (state === "instruction") {
      if (byte === gt && previous === question) state = "text";
    } else doctype(byte);
  }

  function doctype(byte: number): void {
    if (declared.push(byte) > doctypeBytesMax) throw tooComplex(`The document type of ${shown(name)} does not end.`);
    if (quoted !== 0) {
      if (byte === quoted) quoted = 0;
    } else if (byte === quote || byte === apostrophe) quoted = byte;
    else if (byte === bracket) brackets++;
    else if (byte === closing) brackets--;
    else if (byte === gt && brackets <= 0) {
      judgeDoctype(Buffer.from(declared).toString("latin1"), name);
      state = "text";
    }
  }

  return {
    write(piece) {
      if (first) {
        first = false;
        if (fourByteMarks.some((mark) => piece.subarray(0, 4).equals(mark))) throw strangeCharset(name);
        decoder = wideDecoder(piece);
        const told = /^[^>]{0,60}\sencoding\s*=\s*["']([^"']{0,60})/.exec(piece.subarray(0, 200).toString("latin1"))?.[1];
        if (told !== undefined && !charset.test(told)) throw strangeCharset(name);
      }
      scan(decoder ? Buffer.from(decoder.decode(piece, { stream: true })) : piece);
    },
  };
}

/** Where the next tag begins, or -1. Tags are often near, and a call into the runtime costs as much as many bytes. */
function nextTag(piece: Buffer, from: number): number {
  const near = Math.min(from + 32, piece.length);
  for (let at = from; at < near; at++) if (piece[at] === lt) return at;
  return piece.indexOf(lt, near);
}

const strangeCharset = (name: string) => tooComplex(`The XML of ${shown(name)} is in a character set that documents do not use.`);

function wideDecoder(head: Buffer): TextDecoder | undefined {
  if (head[0] === 0xff || (head[0] !== 0 && head[1] === 0)) return new TextDecoder("utf-16le");
  return head[0] === 0xfe || (head[0] === 0 && head[1] !== 0) ? new TextDecoder("utf-16be") : undefined;
}

/** Illustrator writes its namespaces as entities of SVG: short literals, which can neither grow nor reach out. Everything else is an attack. */
function judgeDoctype(text: string, name: string): void {
  const declarations = text.match(/<!ENTITY/gi)?.length ?? 0;
  if (declarations === 0) return;
  const literals = text.match(/<!ENTITY\s+[\w.:-]{1,64}\s+(?:"[^"&%]{0,256}"|'[^'&%]{0,256}')\s*>/g)?.length ?? 0;
  if (!/^\s+svg\b/.test(text) || literals !== declarations || declarations > entitiesMax)
    throw tooComplex(`The XML of ${shown(name)} declares entities.`);
}
