import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { PpmReader } from "./ppm.ts";

const page = (width: number, height: number, fill: number) =>
  Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), Buffer.alloc(width * height * 3, fill)]);
const inPieces = (bytes: Buffer, size: number) =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })(),
  );

test.each([1, 7, 10_000])("pages are read one after another, however the stream is cut (pieces of %i bytes)", async (size) => {
  const reader = new PpmReader(inPieces(Buffer.concat([page(1, 1, 9), page(40, 30, 80), page(2, 3, 7)]), size));
  const sizes = [];
  for (let next = await reader.next(); next; next = await reader.next())
    sizes.push([next.width, next.height, next.pixels.length, next.pixels[0]]);
  expect(sizes).toEqual([
    [1, 1, 3, 9],
    [40, 30, 3600, 80],
    [2, 3, 18, 7],
  ]);
});

test("a cut page is an error", async () => {
  await expect(new PpmReader(inPieces(page(40, 30, 1).subarray(0, 1000), 100)).next()).rejects.toThrow("cut");
});
