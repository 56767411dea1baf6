// A task's own directory. Every name in it is ours, never the client's.
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Problem } from "#contract/problems.ts";
import type { Content } from "./inspect/real-content.ts";

export type Workspace = {
  path: string;
  /** Stores the input. */
  receive(bytes: Readable, bytesMax: number, signal: AbortSignal): Promise<void>;
  /** The input's path, once its extension is known. */
  inputAs(extension: string): Promise<string>;
  inputPath(): string | undefined;
  /** What the input was seen to be, so that nobody has to look twice. */
  content: Content | undefined;
  /** Another file of the workspace becomes the input. */
  replaceInput(path: string): Promise<void>;
  wipe(): Promise<void>;
};

export async function openWorkspace(root: string, name: string): Promise<Workspace> {
  const path = join(root, name);
  await mkdir(path, { recursive: true, mode: 0o700 });
  let input: string | undefined;
  const workspace: Workspace = {
    path,
    inputPath: () => input,
    content: undefined,
    async replaceInput(replacement) {
      if (!input) throw new Problem("request-invalid", "The input has not been sent.");
      await rename(replacement, input);
      workspace.content = undefined;
    },
    async receive(bytes, bytesMax, signal) {
      const target = join(path, "input");
      await pipeline(bytes, atMost(bytesMax), createWriteStream(target), { signal }).catch((error: NodeJS.ErrnoException) => {
        throw error.code === "ENOSPC" ? new Problem("file-too-large", "The box has no room for it.", { cause: error }) : error;
      });
      input = target;
    },
    async inputAs(extension) {
      if (!input) throw new Problem("request-invalid", "The input has not been sent.");
      const named = join(path, `input.${extension}`);
      await rename(input, named);
      input = named;
      return named;
    },
    wipe: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
  return workspace;
}

/** What is above the cap is read and dropped, so that the sender gets to read why. */
function atMost(bytesMax: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= bytesMax) this.push(chunk);
      done();
    },
    flush(done) {
      done(bytes > bytesMax ? new Problem("file-too-large", `The box takes at most ${bytesMax} bytes.`) : null);
    },
  });
}
