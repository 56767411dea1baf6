import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { pageRanges, resolvePages } from "../page-ranges.ts";
import { password } from "../password.ts";

const formats = {
  png: { mime: "image/png", extension: "png" },
  jpeg: { mime: "image/jpeg", extension: "jpg" },
  webp: { mime: "image/webp", extension: "webp" },
  tiff: { mime: "image/tiff", extension: "tiff" },
} as const;

/** Above this a page is refused: 100 megapixels are 300 MB in memory. */
const pixelsMax = 100_000_000;
const pagesMax = 2_000;
/** Pages that one pair of processes renders and encodes: long enough to pay for the start, short enough for progress. */
const pagesPerRun = 16;

export const pdfToImages = defineOperation({
  id: "pdf.to-images",
  summary: "Render the pages of a PDF as images, one file per page",
  accepts: ["application/pdf"],
  produces: ["image/png", "image/jpeg", "image/webp", "image/tiff"],
  lane: "light",
  cost: { baseMs: 300, perMegabyteMs: 3_000 },
  options: z.strictObject({
    format: z.enum(["png", "jpeg", "webp", "tiff"]).default("png"),
    dpi: z.int().min(18).max(600).default(150).meta({ description: "Resolution in dots per inch." }),
    quality: z.int().min(1).max(100).default(85).meta({ description: "Of jpeg and webp; the others lose nothing." }),
    pages: pageRanges().optional(),
    password: password(),
  }),
  examples: [
    { title: "all pages as PNG", fixture: "two-pages.pdf", options: { dpi: 72 }, expect: { results: 2, mime: "image/png" } },
    {
      title: "the second page as JPEG",
      fixture: "two-pages.pdf",
      options: { format: "jpeg", dpi: 36, pages: "2" },
      expect: { results: 1, mime: "image/jpeg" },
    },
    {
      title: "WebP",
      fixture: "two-pages.pdf",
      options: { format: "webp", dpi: 36, pages: "1" },
      expect: { results: 1, mime: "image/webp" },
    },
    { title: "TIFF", fixture: "two-pages.pdf", options: { format: "tiff", dpi: 36 }, expect: { results: 2, mime: "image/tiff" } },
  ],
  async run(ctx, { format, dpi, quality, pages }) {
    const { pages: total, widthPt, heightPt, sizes } = await ctx.pdf(ctx.input.path);
    const ranges = resolvePages(pages, total);
    if (!ranges) return ctx.fail("pages-outside", `The document has ${total} pages.`);
    const wanted = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    if (wanted > pagesMax) return ctx.fail("input-too-complex", `At most ${pagesMax} pages can be rendered by one job; ask for a range.`);
    const pixels = Math.ceil((widthPt * dpi) / 72) * Math.ceil((heightPt * dpi) / 72);
    if (pixels > pixelsMax)
      return ctx.fail("input-too-complex", `At ${dpi} dpi a page would have ${pixels} pixels; at most ${pixelsMax} are rendered.`);

    const { mime, extension } = formats[format];
    const digits = `${total}`.length;
    const runs = ranges.flatMap(({ first, last }) =>
      Array.from({ length: Math.ceil((last - first + 1) / pagesPerRun) }, (_, index) => {
        const from = first + index * pagesPerRun;
        const to = Math.min(last, from + pagesPerRun - 1);
        const paths = Array.from({ length: to - from + 1 }, (_, offset) => {
          const path = ctx.result(`${ctx.stem}-${`${from + offset}`.padStart(digits, "0")}.${extension}`, mime);
          const size = sizes[from + offset - 1];
          if (size)
            ctx.claim(path, { pixels: { width: Math.ceil((size.widthPt * dpi) / 72), height: Math.ceil((size.heightPt * dpi) / 72) } });
          return path;
        });
        return { from, to, paths };
      }),
    );

    let done = 0;
    const queue = runs.values();
    const lanes = Array.from({ length: ctx.cpus }, async () => {
      for (const { from, to, paths } of queue) {
        await ctx.pipe(
          { tool: "pdftoppm", argv: ["-cropbox", "-r", `${dpi}`, "-f", `${from}`, "-l", `${to}`, ctx.input.path] },
          { tool: "encode-pages", argv: [format, `${quality}`, `${dpi}`, ...paths] },
        );
        done += paths.length;
        ctx.progress(done / wanted);
      }
    });
    await Promise.all(lanes);
  },
});
