// Whether bytes are text, and in which character set: a byte order mark, valid UTF-8, or else windows-1252.
import type { FileHandle } from "node:fs/promises";
import { xmlRoot } from "./xml-root.ts";

export type Charset = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";
export type TextFacts = { charset: Charset; head: string; html: boolean };

const chunkBytes = 1_048_576;
const headBytes = 65_536;
/** Control characters that no text has; backspace, tab, line feed, vertical tab, form feed, carriage return, end of file and escape occur. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const garbage = /[\x00-\x07\x0e-\x19\x1c-\x1f]/;

export async function readText(file: FileHandle): Promise<TextFacts | undefined> {
  const first = await chunkAt(file, 0);
  const charset = charsetByMark(first) ?? ((await decodes(file, "utf-8")) ? "utf-8" : "windows-1252");
  if (charset !== "utf-8" && !(await decodes(file, charset))) return undefined;
  if (charset === "utf-8" && charsetByMark(first) && !(await decodes(file, charset))) return undefined;
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

async function decodes(file: FileHandle, charset: Charset): Promise<boolean> {
  const decoder = new TextDecoder(charset, { fatal: true });
  for (let position = 0; ; ) {
    const chunk = await chunkAt(file, position);
    position += chunk.length;
    try {
      if (garbage.test(decoder.decode(chunk, { stream: chunk.length > 0 }))) return false;
    } catch {
      return false;
    }
    if (chunk.length === 0) return true;
  }
}

async function chunkAt(file: FileHandle, position: number): Promise<Buffer> {
  const buffer = Buffer.alloc(chunkBytes);
  const { bytesRead } = await file.read(buffer, 0, chunkBytes, position);
  return buffer.subarray(0, bytesRead);
}
