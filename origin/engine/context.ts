// What an operation may touch while it runs.
import { join } from "node:path";
import type { BoxEvent } from "#contract/box.ts";
import { lanes, type OperationContext, type PdfFacts, type ResultClaims } from "#contract/operation.ts";
import { resolvePages } from "#contract/page-ranges.ts";
import { Problem } from "#contract/problems.ts";
import { refuseBlank } from "./blank/refuse-blank.ts";
import type { OfficeDriver, OfficeJob } from "./office/driver.ts";
import { pdfFacts, resultPages } from "./pdf.ts";
import { resultName } from "./stem.ts";
import type { Toolbox } from "./toolbox.ts";

export type PlannedResult = { path: string; filename: string; type: string; claims: ResultClaims };

export type ContextParts = {
  folder: string;
  input: OperationContext["input"];
  stem: string;
  cpus: number;
  toolbox: Toolbox;
  office: OfficeDriver | undefined;
  signal: AbortSignal;
  emit(event: BoxEvent): void;
};

export type RunContext = OperationContext & { results: PlannedResult[]; pagesOf: Map<string, number> };

export function openContext({ folder, input, stem, cpus, toolbox, office, signal, emit }: ContextParts): RunContext {
  const results: PlannedResult[] = [];
  const facts = new Map<string, PdfFacts>();
  const pagesOf = new Map<string, number>();
  return {
    input,
    stem,
    cpus,
    results,
    pagesOf,
    result(filename, type) {
      const path = join(folder, `result-${results.length}${/\.\w{1,10}$/.exec(filename)?.[0] ?? ""}`);
      results.push({ path, filename: resultName(filename), type, claims: {} });
      return path;
    },
    claim(path, claims) {
      const result = results.find((planned) => planned.path === path);
      if (!result) throw new Error(`no result was registered at ${path}`);
      Object.assign(result.claims, claims);
    },
    async exec(tool, argv, options) {
      const { code, stdout, stderr } = await toolbox.run(tool, argv, options);
      return { code: code ?? -1, stdout, stderr };
    },
    pipe: (from, to) => toolbox.pipe(from, to),
    async office(request) {
      if (!office) throw new Problem("engine-unavailable", `This box does not serve the lane ${lanes[0]}.`);
      const job: OfficeJob = { ...request, input: input.path };
      const answer = await office.convert(job, signal);
      if (answer.outcome === "load-failed") throw new Problem("input-damaged");
      if (answer.outcome === "export-failed") throw new Problem("conversion-failed");
      if (answer.outcome === "pages-outside") throw new Problem("pages-outside", `The document has ${answer.pages} pages.`);
      if (request.pages === undefined || answer.pages === undefined) {
        const pages = await resultPages(toolbox, request.output);
        pagesOf.set(request.output, pages);
        if (request.pages === undefined) await refuseBlank(toolbox, input, { path: request.output, pages });
        return { pages };
      }
      const ranges = resolvePages(request.pages, answer.pages) ?? [];
      return { pages: ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0) };
    },
    async pdf(path) {
      const known = facts.get(path) ?? (await pdfFacts(toolbox, path));
      facts.set(path, known);
      return known;
    },
    progress: (fraction) => emit({ event: "progress", fraction: Math.min(1, Math.max(0, fraction)) }),
    warn: (code, detail) => emit({ event: "warning", warning: { code, detail } }),
    fail(code, detail) {
      throw new Problem(code, detail);
    },
  };
}
