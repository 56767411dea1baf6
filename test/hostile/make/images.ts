// Pictures that are small as files and huge in memory.
import { rawPng } from "#test/fixtures/odd-bytes.ts";

export const hugePng = (side: number): Buffer =>
  rawPng({ width: side, height: side, bits: 1 }, Buffer.alloc((Math.ceil(side / 8) + 1) * Math.min(side, 20_000)));

/** One strip of PackBits that claims the whole picture. */
export function hugeTiff(side: number): Buffer {
  const tags: [tag: number, type: number, value: number][] = [
    [256, 4, side],
    [257, 4, side],
    [258, 3, 8],
    [259, 3, 32_773],
    [262, 3, 1],
    [273, 4, 134],
    [277, 3, 1],
    [278, 4, side],
    [279, 4, 2],
  ];
  const bytes = Buffer.alloc(136);
  bytes.write("49492a0008000000", "hex");
  bytes.writeUInt16LE(tags.length, 8);
  for (const [index, [tag, type, value]] of tags.entries()) {
    bytes.writeUInt16LE(tag, 10 + index * 12);
    bytes.writeUInt16LE(type, 12 + index * 12);
    bytes.writeUInt32LE(1, 14 + index * 12);
    bytes.writeUInt32LE(value, 18 + index * 12);
  }
  bytes.write("8180", 134, "hex");
  return bytes;
}

/** The format's largest size in a header that is all there is. */
export function hugeWebp(): Buffer {
  const bytes = Buffer.alloc(30);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(22, 4);
  bytes.write("WEBPVP8X", 8);
  bytes.writeUInt32LE(10, 16);
  bytes.writeUIntLE(16_382, 24, 3);
  bytes.writeUIntLE(16_382, 27, 3);
  return bytes;
}

export function animatedGif(frames: number): Buffer {
  const head = Buffer.concat([Buffer.from("GIF89a"), Buffer.from([1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255])]);
  const frame = Buffer.from([0x21, 0xf9, 4, 0, 1, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
  return Buffer.concat([head, ...Array.from({ length: frames }, () => frame), Buffer.from([0x3b])]);
}
