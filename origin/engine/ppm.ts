// Reads P6 images (netpbm's ppm(5), eight bits a sample) that follow each other in a stream.
import type { Readable } from "node:stream";

export type PpmPage = { width: number; height: number; pixels: Buffer };

const headerBytesMax = 128;
const header = /^P6\s+(?:#[^\n]*\n\s*)*(\d{1,6})\s+(\d{1,6})\s+(255)\s/;

export class PpmReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** The next page, or undefined at the end of the stream. */
  async next(): Promise<PpmPage | undefined> {
    await this.#fill(headerBytesMax);
    if (this.#rest.length === 0) return undefined;
    const match = header.exec(this.#rest.subarray(0, headerBytesMax).toString("latin1"));
    if (!match) throw new Error("not a P6 image");
    const width = Number(match[1]);
    const height = Number(match[2]);
    const bytes = width * height * 3;
    this.#rest = this.#rest.subarray(match[0].length);
    await this.#fill(bytes);
    if (this.#rest.length < bytes) throw new Error("the image is cut");
    const pixels = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return { width, height, pixels };
  }

  async #fill(bytes: number): Promise<void> {
    const held = [this.#rest];
    let length = this.#rest.length;
    while (length < bytes) {
      const { value, done } = await this.#chunks.next();
      if (done) break;
      held.push(value);
      length += value.length;
    }
    if (held.length > 1) this.#rest = Buffer.concat(held);
  }
}
