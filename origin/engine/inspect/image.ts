// Images, by their header: what they ask for when they are decoded.
import sharp from "sharp";
import { damaged, tooComplex } from "./container/refuse.ts";
import { imageFramesMax, imagePixelsMax } from "./limits.ts";

export async function checkImage(path: string): Promise<void> {
  const { width, height, pages } = await sharp(path, { limitInputPixels: false, failOn: "none" })
    .metadata()
    .catch(() => Promise.reject(damaged("The header of the image is broken.")));
  if (width * height > imagePixelsMax) throw tooComplex(`The image has ${width} × ${height} pixels.`);
  if ((pages ?? 1) > imageFramesMax) throw tooComplex(`The image has ${pages} frames; ${imageFramesMax} are allowed.`);
}
