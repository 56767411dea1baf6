import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { pageRanges, resolvePages } from "../page-ranges.ts";
import { password } from "../password.ts";

export const pdfToText = defineOperation({
  id: "pdf.to-text",
  summary: "Extract the text of a PDF",
  accepts: ["application/pdf"],
  produces: ["text/plain"],
  lane: "light",
  options: z.strictObject({
    layout: z.enum(["reading", "physical"]).default("reading").meta({ description: "Reading order, or as placed on the page." }),
    pages: pageRanges().optional(),
    password: password(),
  }),
  examples: [
    {
      title: "all pages in reading order",
      fixture: "two-pages.pdf",
      options: {},
      expect: { results: 1, mime: "text/plain", contains: "Page 2" },
    },
    {
      title: "one page as placed",
      fixture: "two-pages.pdf",
      options: { layout: "physical", pages: "1" },
      expect: { results: 1, mime: "text/plain", contains: "Page 1" },
    },
  ],
  async run(ctx, { layout, pages }) {
    const { pages: total } = await ctx.pdf(ctx.input.path);
    const ranges = resolvePages(pages, total);
    if (!ranges) return ctx.fail("pages-outside", `The document has ${total} pages.`);
    const output = ctx.result(`${ctx.stem}.txt`, "text/plain");
    ctx.claim(output, { pages: ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0) });
    const argv = ["-enc", "UTF-8", ...(layout === "physical" ? ["-layout"] : [])];
    for (const [index, { first, last }] of ranges.entries()) {
      await ctx.exec("pdftotext", [...argv, "-f", `${first}`, "-l", `${last}`, ctx.input.path, "-"], { appendTo: output });
      ctx.progress((index + 1) / ranges.length);
    }
  },
});
