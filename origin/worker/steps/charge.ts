import { z } from "zod";
import { countPages } from "#contract/page-ranges.ts";
import { Problem } from "#contract/problems.ts";
import { pagesOf } from "../../usage/amounts.ts";
import type { PipelineStep, Run, Tools } from "../run.ts";

/** Charges the pages that are asked for of an input that has some before it is laid out, as PDFs have: what is too much is never converted. */
export const chargeKnown: PipelineStep = async (run, tools) => {
  const pages = run.inspected?.pages;
  if (pages === undefined) return;
  const ranges = z.string().optional().safeParse(run.steps[0]?.options.pages).data;
  await charge(run, tools, countPages(ranges, pages));
};

/** Charges the pages that only the conversion showed, as of office documents, before a result leaves the box. A result that has no pages counts as one. */
export const chargeFound: PipelineStep = async (run, tools) => {
  if (run.inspected?.pages !== undefined) return;
  await charge(run, tools, run.done?.results.reduce((sum, { pages = 1 }) => sum + pages, 0) ?? 0);
};

async function charge(run: Run, { chargePages }: Tools, pages: number): Promise<void> {
  if (await chargePages(run.row, pagesOf(run.steps, pages))) return;
  throw new Problem("internal", undefined, { cause: new Error("the attempt no longer counts") });
}
