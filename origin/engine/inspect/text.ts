// Whether bytes are text, and in which character set: a byte order mark, valid UTF-8, or else windows-1252.
import { setImmediate as breathe } from "node:timers/promises";
import type { ByteSource } from "./container/byte-source.ts";
import { xmlRoot } from "./xml-root.ts";

export type Charset = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";
export type TextFacts = { charset: Charset; head: string; html: boolean };

const chunkBytes = 1_048_576;
const headBytes = 65_536;
/** Control characters that no text has; backspace, tab, line feed, vertical tab, form feed, carriage return, end of file and escape occur. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const garbage = /[\x00-\x07\x0e-\x19\x1c-\x1f]/;

export async function readText(source: ByteSource): Promise<TextFacts | undefined> {
  const first = source.read(0, chunkBytes);
  const charset = charsetByMark(first) ?? ((await decodes(source, "utf-8")) ? "utf-8" : "windows-1252");
  if (charset !== "utf-8" && !(await decodes(source, charset))) return undefined;
  if (charset === "utf-8" && charsetByMark(first) && !(await decodes(source, charset))) return undefined;
  const head = new TextDecoder(charset).decode(first.subarray(0, headBytes), { stream: true });
  return { charset, head, html: xmlRoot(head)?.name === "html" };
}

/** The beginning of a file as text, for looking at its markup. */
export const decodeHead = (head: Buffer): string => new TextDecoder(charsetByMark(head) ?? "utf-8").decode(head, { stream: true });

function charsetByMark(bytes: Buffer): Charset | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined;
}

async function decodes(source: ByteSource, charset: Charset): Promise<boolean> {
  const decoder = new TextDecoder(charset, { fatal: true });
  try {
    for (let position = 0; position < source.size; position += chunkBytes) {
      if (position > 0) await breathe();
      if (garbage.test(decoder.decode(source.read(position, chunkBytes), { stream: true }))) return false;
    }
    return !garbage.test(decoder.decode());
  } catch {
    return false;
  }
}
