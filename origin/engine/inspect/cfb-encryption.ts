// Whether a document of the binary Office formats is encrypted, by the flags that the formats themselves define.
import type { Cfb } from "./cfb.ts";

const headBytes = 4_096;

export function cfbEncrypted(cfb: Cfb): boolean {
  const { streams } = cfb;
  const head = (name: string) => {
    const stream = streams.get(name);
    const pieces: Buffer[] = [];
    let bytes = 0;
    if (stream)
      for (const piece of cfb.read(stream)) {
        pieces.push(piece);
        bytes += piece.length;
        if (bytes >= headBytes) break;
      }
    return Buffer.concat(pieces);
  };
  if (streams.has("WordDocument")) return wordEncrypted(head("WordDocument"));
  if (streams.has("Workbook") || streams.has("Book")) return workbookEncrypted(head(streams.has("Workbook") ? "Workbook" : "Book"));
  if (streams.has("PowerPoint Document")) return slidesEncrypted(head("Current User"));
  return false;
}

/** FibBase.fEncrypted ([MS-DOC] 2.5.2). */
const wordEncrypted = (fib: Buffer): boolean => fib.length > 11 && ((fib[11] ?? 0) & 0x01) !== 0;

/** A FilePass record before the first record that may be encrypted ([MS-XLS] 2.4.117). */
function workbookEncrypted(records: Buffer): boolean {
  const [filePass, mayPrecede] = [0x002f, new Set([0x0809, 0x0086, 0x00e1, 0x00c1, 0x00e2])];
  for (let at = 0; at + 4 <= records.length; at += 4 + records.readUInt16LE(at + 2)) {
    const type = records.readUInt16LE(at);
    if (type === filePass) return true;
    if (!mayPrecede.has(type)) return false;
  }
  return false;
}

/** CurrentUserAtom.headerToken of an encrypted document ([MS-PPT] 2.3.2). */
const slidesEncrypted = (currentUser: Buffer): boolean => currentUser.length >= 16 && currentUser.readUInt32LE(12) === 0xf3d1c4df;
