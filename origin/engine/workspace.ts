// A task's own directory. Every name in it is ours, never the client's. Its calls wait: it lies in memory, and a thread for each would cost more.
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Problem } from "#contract/problems.ts";
import type { Content } from "./inspect/real-content.ts";

export type Workspace = {
  path: string;
  /** Stores the input. */
  receive(bytes: Readable, bytesMax: number, signal: AbortSignal): Promise<void>;
  /** The input's path, once its extension is known. */
  inputAs(extension: string): string;
  inputPath(): string | undefined;
  /** What the input was seen to be, so that nobody has to look twice. */
  content: Content | undefined;
  /** Another file of the workspace becomes the input. */
  replaceInput(path: string): void;
  wipe(): void;
};

export function openWorkspace(root: string, name: string): Workspace {
  const path = join(root, name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  let input: string | undefined;
  const workspace: Workspace = {
    path,
    inputPath: () => input,
    content: undefined,
    replaceInput(replacement) {
      if (!input) throw new Problem("request-invalid", "The input has not been sent.");
      renameSync(replacement, input);
      workspace.content = undefined;
    },
    async receive(bytes, bytesMax, signal) {
      const target = join(path, "input");
      const descriptor = openSync(target, "wx", 0o600);
      try {
        await pipeline(bytes, (source: AsyncIterable<Buffer>) => writeAtMost(descriptor, source, bytesMax), { signal });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
        throw new Problem("file-too-large", "The box has no room for it.", { cause: error });
      } finally {
        closeSync(descriptor);
      }
      input = target;
    },
    inputAs(extension) {
      if (!input) throw new Problem("request-invalid", "The input has not been sent.");
      const named = join(path, `input.${extension}`);
      renameSync(input, named);
      input = named;
      return named;
    },
    wipe: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }),
  };
  return workspace;
}

/** What is above the cap is read and dropped, so that the sender gets to read why. */
async function writeAtMost(descriptor: number, source: AsyncIterable<Buffer>, bytesMax: number): Promise<void> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes <= bytesMax) for (let written = 0; written < chunk.length; ) written += writeSync(descriptor, chunk, written);
  }
  if (bytes > bytesMax) throw new Problem("file-too-large", `The box takes at most ${bytesMax} bytes.`);
}
