// A child of the box: reads concatenated P6 pages on stdin and writes one image file per path.
// argv: format, quality, dpi, path...

import sharp, { type Sharp } from "sharp";
import { PpmReader } from "./ppm.ts";

sharp.concurrency(1);
sharp.cache(false);

const [format, qualityText, dpiText, ...paths] = process.argv.slice(2);
const quality = Number(qualityText);
const density = Number(dpiText);
const pages = new PpmReader(process.stdin);

for (const path of paths) {
  const page = await pages.next();
  if (!page) throw new Error(`${paths.length} pages were expected`);
  const { width, height, pixels } = page;
  await encoded(sharp(pixels, { raw: { width, height, channels: 3 } }).withMetadata({ density })).toFile(path);
}
if (await pages.next()) throw new Error(`more than ${paths.length} pages came`);

function encoded(image: Sharp): Sharp {
  switch (format) {
    case "png":
      return image.png({ compressionLevel: 3 });
    case "jpeg":
      return image.jpeg({ quality });
    case "webp":
      return image.webp({ quality });
    case "tiff":
      return image.tiff({ compression: "deflate", xres: density / 25.4, yres: density / 25.4, resolutionUnit: "inch" });
    default:
      throw new Error(`no such format: ${format}`);
  }
}
