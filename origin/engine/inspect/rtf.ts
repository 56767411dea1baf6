// RTF: groups that close, and what is embedded in them.
import type { ByteSource } from "./container/byte-source.ts";
import { damaged, tooComplex } from "./container/refuse.ts";
import { rtfDepthMax } from "./limits.ts";
import { rtfObjects } from "./rtf-objects.ts";
import type { Traits } from "./traits.ts";

const pieceBytes = 1_048_576;
const keptCharacters = 64;
const [open, close, backslash, space] = [0x7b, 0x7d, 0x5c, 0x20];

/** LibreOffice and Word mend groups that are closed too often; of those that are left open LibreOffice makes an error. */
export function checkRtf(source: ByteSource, traits: Traits): void {
  let depth = 0;
  let escaped = false;
  let word = "";
  let skip = 0;
  let kept = "";
  let inData = false;
  const objects = rtfObjects(source.read(0, 5));
  for (let position = 0; position < source.size; position += pieceBytes) {
    const piece = source.read(position, pieceBytes);
    kept = note(kept, piece, traits);
    for (let at = 0; at < piece.length; at++) {
      if (skip > 0) {
        const jump = Math.min(skip, piece.length - at);
        skip -= jump;
        at += jump - 1;
        continue;
      }
      const byte = piece[at] ?? 0;
      if (inData && byte !== close) {
        objects.data(byte, position + at);
        continue;
      }
      if (escaped) {
        escaped = false;
        word = isWordByte(byte) ? String.fromCharCode(byte) : "";
        continue;
      }
      if (word !== "") {
        if (isWordByte(byte) && word.length < 32) {
          word += String.fromCharCode(byte);
          continue;
        }
        const binary = /^bin(\d{1,10})$/.exec(word)?.[1]; // so many raw bytes follow, braces among them
        inData = objects.word(word, byte, depth);
        word = "";
        if (inData) continue;
        if (binary !== undefined) {
          objects.binary();
          skip = Number(binary) - (byte === space ? 0 : 1);
          if (skip >= 0) continue;
          skip = 0;
        }
      }
      if (byte === backslash) escaped = true;
      else if (byte === close) {
        inData = false;
        objects.close(depth--);
      } else if (byte === open && ++depth > rtfDepthMax) throw tooComplex(`Its groups are nested more than ${rtfDepthMax} deep.`);
    }
  }
  if (depth > 0) throw damaged("Its groups are not all closed: it seems to be cut.");
}

const isWordByte = (byte: number): boolean =>
  (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x30 && byte <= 0x39);

function note(kept: string, piece: Buffer, traits: Traits): string {
  const text = kept + piece.toString("latin1");
  if (/\\object\b|\\objdata\b/.test(text)) traits.add("embedded-objects");
  if (/\\objclass\s+Package\b|\\objdata\s+(?:[\da-f]\s*){0,48}5061636b616765/i.test(text)) traits.add("executables");
  if (/\b(?:INCLUDEPICTURE|INCLUDETEXT|DDEAUTO|DDE)\s|\\objautlink\b|\\\*\\template\b/.test(text)) traits.add("external-references");
  return text.slice(-keptCharacters);
}
