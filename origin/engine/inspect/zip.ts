import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from "yauzl";
import { membersMax } from "./limits.ts";

const windowBytes = 65_536;

export type Zip = {
  names: readonly string[];
  /** A small member as text; undefined when there is none or it is larger. */
  read(name: string, bytesMax: number): Promise<string | undefined>;
};

/** Reads the directory of a zip; throws when it is broken. The file stays the caller's to close. */
export async function openZip(file: FileHandle): Promise<Zip> {
  const { size } = await file.stat();
  const zip: ZipFile = await fromRandomAccessReaderPromise(new HandleReader(file), size, {
    autoClose: false,
    lazyEntries: true,
    strictFileNames: false,
  });
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    if (entries.size >= membersMax) throw new Error(`more than ${membersMax} members`);
    if (!entries.has(entry.fileName)) entries.set(entry.fileName, entry);
  }
  return {
    names: [...entries.keys()],
    async read(name, bytesMax) {
      const entry = entries.get(name);
      if (!entry || entry.uncompressedSize > bytesMax) return undefined;
      const chunks: Buffer[] = [];
      for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk);
      return Buffer.concat(chunks).toString("utf8");
    },
  };
}

/** Reads ahead: a directory is read in two tiny pieces for each member, and each would cost a turn of the thread pool. */
class HandleReader extends RandomAccessReader {
  readonly #file: FileHandle;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;

  constructor(file: FileHandle) {
    super();
    this.#file = file;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#pieces(start, end));
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, callback: (error: Error | null) => void): void {
    this.#cover(position, length).then(() => {
      const at = position - this.#windowAt;
      const found = this.#window.copy(buffer, offset, at, at + length);
      callback(found < length ? new Error("unexpected end of file") : null);
    }, callback);
  }

  async #cover(position: number, length: number): Promise<void> {
    if (position >= this.#windowAt && position + length <= this.#windowAt + this.#window.length) return;
    const window = Buffer.alloc(Math.max(length, windowBytes));
    const { bytesRead } = await this.#file.read(window, 0, window.length, position);
    this.#window = window.subarray(0, bytesRead);
    this.#windowAt = position;
  }

  async *#pieces(start: number, end: number): AsyncGenerator<Buffer> {
    for (let position = start; position < end; ) {
      const piece = Buffer.alloc(Math.min(65_536, end - position));
      const { bytesRead } = await this.#file.read(piece, 0, piece.length, position);
      if (bytesRead === 0) throw new Error("unexpected end of file");
      position += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  }
}
