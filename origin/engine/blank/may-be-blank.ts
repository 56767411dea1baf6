// The cheap first question about a PDF of LibreOffice's: may all its pages be white? Nothing is started for it.
import { inflateSync } from "node:zlib";

/** LibreOffice's PDF of a blank page has 1 to 6 KB, as PDF/A 15 to 20 KB, and 300 to 500 bytes for each further page. */
export const blankBytesMax = (pages: number): number => 25_000 + 1_000 * pages;

const unpackedBytesMax = 1_000_000;

/** True unless the PDF has an image, or a font with any character but spaces. Drawings are left to who looks closer. */
export function mayBeBlank(pdf: Buffer): boolean {
  const texts = [pdf.toString("latin1"), ...unpackedStreams(pdf)];
  return !texts.some((text) => /\/Subtype\s*\/Image\b/.test(text) || mapsToVisible(text));
}

/** Whether a font's map to Unicode (ISO 32000-1, 9.10.3) has a character that can be seen. */
function mapsToVisible(text: string): boolean {
  if (!text.includes("begincmap")) return false;
  if (text.includes("beginbfrange")) return true;
  const characters = text.slice(text.indexOf("beginbfchar")).matchAll(/<[\da-f]+>\s*<((?:[\da-f]{4})+)>/gi);
  return [...characters].some(([, hex = ""]) => /\S/.test(Buffer.from(hex, "hex").swap16().toString("utf16le")));
}

/** What is inflated of it: content, maps, and the dictionaries that newer versions pack into object streams. */
function* unpackedStreams(pdf: Buffer): Generator<string> {
  for (let at = pdf.indexOf("stream"); at >= 0; at = pdf.indexOf("stream", at + 6)) {
    if (pdf.toString("latin1", at - 3, at) === "end") continue;
    const start = at + (pdf[at + 6] === 0x0d ? 8 : 7);
    try {
      yield inflateSync(pdf.subarray(start), { maxOutputLength: unpackedBytesMax }).toString("latin1");
    } catch {
      // metadata, which is not packed
    }
  }
}
