// PDF, by its bytes alone: pages and repair are Poppler's and qpdf's business, later.
import type { ByteSource } from "./container/byte-source.ts";
import { damaged } from "./container/refuse.ts";
import type { Traits } from "./traits.ts";

const pieceBytes = 4_194_304;
const overlapBytes = 64;

/** What is noted here stands outside of compressed object streams. */
const notes = [
  ["/EmbeddedFile", "embedded-objects"],
  ["/JavaScript", "macros"],
  ["/Launch", "external-references"],
  ["/GoToR", "external-references"],
] as const;

/** A PDF without a single object cannot be repaired by anyone. */
export function checkPdf(source: ByteSource, traits: Traits): void {
  let objects = false;
  for (let position = 0; position < source.size; position += pieceBytes - overlapBytes) {
    const piece = source.read(position, pieceBytes);
    objects ||= /\d\s+obj\b/.test(piece.toString("latin1"));
    for (const [word, trait] of notes) if (!traits.has(trait) && piece.includes(word, 0, "latin1")) traits.add(trait);
  }
  if (!objects) throw damaged("It has the header of a PDF and nothing else of one.");
}
