// What an operation is, and what it may touch while it runs. Operation files import this and zod, and nothing else but option helpers.
import { z } from "zod";
import type { ProblemCode } from "./problems.ts";

/** Programs that the engine box offers to operations. */
export type Tool = "pdftotext" | "pdftoppm" | "pdfinfo" | "qpdf" | "encode-pages";

export const lanes = ["office", "light"] as const;
export const Lane = z.enum(lanes);
export type Lane = z.infer<typeof Lane>;

export type WarningCode = "type-differs" | "font-substituted";

/** Options of LibreOffice filters, with the types that LibreOffice expects. */
export type FilterData = Record<string, string | number | boolean>;

export type OfficeRequest = {
  /** LibreOffice's import filters; the first that loads the document wins. LibreOffice itself never guesses. */
  importFilters: readonly string[];
  /** `FilterOptions` of the import filter, as CSV needs. */
  importOptions?: string;
  exportFilter: string;
  exportData?: FilterData;
  /** Where the exported file goes: a path from `ctx.result`. */
  output: string;
  /** Refresh tables of contents and other indexes before the export. */
  updateIndexes?: boolean;
  /** Page ranges to export; `pages-outside` when they name a page beyond the end of the laid-out document. */
  pages?: string;
};

/** What is claimed of a result; the audit holds the file against it. */
export type ResultClaims = { pages?: number; pdfa?: string; pdfua?: boolean; pixels?: { width: number; height: number } };

/** In points (1/72 inch), as the page is seen: cropped and turned. */
export type PageSize = { widthPt: number; heightPt: number };
/** The size is that of the largest page; `sizes` are those of all, in order. */
export type PdfFacts = PageSize & { pages: number; sizes: readonly PageSize[] };

export type OperationContext = {
  input: {
    /** Absolute path in the box; its extension is the one of `type`. */
    path: string;
    /** Real media type, by content. */
    type: string;
    sizeBytes: number;
    /** Of types without a signature: how the text is encoded, and its first 64 KiB, decoded. */
    text?: { charset: "utf-8" | "utf-16le" | "utf-16be" | "windows-1252"; head: string };
  };
  /** Stem of the input's name for results: `report` for `report.docx`. */
  stem: string;
  /** How many processes a page-parallel operation may start at once. */
  cpus: number;
  /** Registers the next result and gives its path. Order of calls is the order of results. */
  result(filename: string, type: string): string;
  /** Says what must be true of a result; the audit checks it. */
  claim(path: string, claims: ResultClaims): void;
  /** Runs a tool with limits; a non-zero exit is `conversion-failed`, unless the code is in `okCodes`. */
  exec(
    tool: Tool,
    argv: string[],
    options?: { okCodes?: number[]; appendTo?: string },
  ): Promise<{ code: number; stdout: string; stderr: string }>;
  /** Runs one tool's output into another's input, without a shell. */
  pipe(from: { tool: Tool; argv: string[] }, to: { tool: Tool; argv: string[] }): Promise<void>;
  /** Converts `input` with LibreOffice. The answer says how many pages were exported. */
  office(request: OfficeRequest): Promise<{ pages: number }>;
  /** Facts of a PDF in the workspace; refuses damaged and encrypted ones by name. */
  pdf(path: string): Promise<PdfFacts>;
  /** 0 to 1. */
  progress(fraction: number): void;
  warn(code: WarningCode, detail: string): void;
  fail(code: ProblemCode, detail?: string): never;
};

export type OperationExample<O extends z.ZodObject> = {
  title: string;
  /** A file that `test/fixtures/` makes. */
  fixture: string;
  options: z.input<O>;
  expect: { results: number; mime: string; pages?: number; contains?: string };
};

export type Operation<Id extends string = string, O extends z.ZodObject = z.ZodObject> = {
  id: Id;
  summary: string;
  /** Media types, as `contract/media.ts` names them. */
  accepts: readonly string[];
  produces: readonly string[];
  lane: Lane;
  /** What a run is expected to take, where its lane's usual figures are far off. */
  cost?: { baseMs: number; perMegabyteMs: number };
  /** Name of a rate policy (`operations` in the tiers) that counts it, beside `jobs`. */
  ratePolicy?: string;
  /** What its pages count toward, beside `pages`. */
  meter?: "ocr_pages";
  options: O;
  examples: readonly OperationExample<O>[];
  run(ctx: OperationContext, options: z.output<O>): Promise<void>;
};

/** Options marked so are stored encrypted, never returned or logged, and erased when the job ends. */
export const secret = <T extends z.ZodType>(schema: T): T => schema.meta({ ...schema.meta(), writeOnly: true, format: "password" });

export const isSecret = (schema: z.ZodType): boolean => {
  if (schema.meta()?.writeOnly === true) return true;
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? isSecret(schema.unwrap() as z.ZodType) : false;
};

/** Names of the secret options of an operation. */
export const secretOptions = (operation: Pick<Operation, "options">): string[] =>
  Object.entries(operation.options.shape)
    .filter(([, schema]) => isSecret(schema as z.ZodType))
    .map(([name]) => name);

export function defineOperation<const Id extends string, O extends z.ZodObject>(operation: Operation<Id, O>): Operation<Id, O> {
  return operation;
}
