// The dimensions that the header of an embedded image claims: a few bytes can ask for gigabytes of pixels.
import { imagePixelsMax } from "../limits.ts";
import { shown, tooComplex } from "./refuse.ts";

export function checkImageSize(head: Buffer, name: string): void {
  const size = pngSize(head) ?? gifSize(head) ?? bmpSize(head) ?? jpegSize(head);
  if (size && size.width * size.height > imagePixelsMax)
    throw tooComplex(`The image ${shown(name)} has ${size.width} × ${size.height} pixels.`);
}

type Size = { width: number; height: number };

function pngSize(head: Buffer): Size | undefined {
  if (head.length < 24 || head.subarray(0, 8).toString("hex") !== "89504e470d0a1a0a") return undefined;
  return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
}

function gifSize(head: Buffer): Size | undefined {
  if (head.length < 10 || !/^GIF8[79]a/.test(head.subarray(0, 6).toString("latin1"))) return undefined;
  return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
}

function bmpSize(head: Buffer): Size | undefined {
  if (head.length < 26 || head.subarray(0, 2).toString("latin1") !== "BM" || head.readUInt32LE(14) !== 40) return undefined;
  return { width: Math.abs(head.readInt32LE(18)), height: Math.abs(head.readInt32LE(22)) };
}

/** The first frame header among the segments. */
function jpegSize(head: Buffer): Size | undefined {
  if (head.subarray(0, 3).toString("hex") !== "ffd8ff") return undefined;
  for (let at = 2; at + 9 <= head.length && head[at] === 0xff; at += 2 + head.readUInt16BE(at + 2)) {
    const marker = head[at + 1] ?? 0;
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame) return { width: head.readUInt16BE(at + 7), height: head.readUInt16BE(at + 5) };
  }
  return undefined;
}
