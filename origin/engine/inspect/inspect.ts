// What an input really is, before any engine sees it.
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { declaredType, type MediaType } from "#contract/media.ts";
import { Problem } from "#contract/problems.ts";
import { judgeType } from "./judge.ts";
import { type Content, realContent } from "./real-content.ts";
import { readText, type TextFacts } from "./text.ts";

export type Inspected = {
  type: MediaType;
  differs: boolean;
  /** Undefined where the container does not tell. */
  encrypted: boolean | undefined;
  text?: TextFacts;
};

export async function inspect(
  path: string,
  name: { filename: string; contentType: string },
  accepts: readonly string[],
): Promise<Inspected> {
  const file = await open(path, "r");
  try {
    const content = await contentOf(file);
    const { type, differs } = judgeType(declaredType(name.filename, name.contentType), content, accepts);
    return { type, differs, encrypted: content.encrypted, ...(content.text && { text: content.text }) };
  } finally {
    await file.close();
  }
}

async function contentOf(file: FileHandle): Promise<Content> {
  const { size } = await file.stat();
  if (size === 0) throw new Problem("file-empty");
  const content = await realContent(file, size);
  if (content.type || content.container) return content;
  const text = await readText(file);
  return text ? { text } : content;
}
