// One row of the hostile suite: a file, what is asked of it, and how that must end.
import type { ProblemCode } from "#contract/problems.ts";

export type Facts = {
  pages?: number;
  results?: number;
  contains?: string;
  /** None of these may be in the result, as text or as bytes. */
  lacks?: readonly string[];
  warning?: string;
};

/** Where a hostile document would send what it finds, and what it would look for. */
export type Lures = { urls: readonly string[]; secretPath: string };

export type Row = {
  title: string;
  filename: string;
  file(lures: Lures): Uint8Array | Promise<Uint8Array>;
  contentType?: string;
  operation: "office.to-pdf" | "pdf.to-text" | "pdf.to-images";
  options?: Record<string, unknown>;
  /** The codes it may be refused with; more than one needs `because`. */
  refused?: readonly ProblemCode[];
  /** What holds when it is converted. Beside `refused` both ends are right, and `because` says why. */
  succeeded?: Facts;
  because?: string;
  /** Takes its deadline or longer; runs with `--all` only. */
  slow?: true;
  /** Does not hold yet, for this reason: counted as skipped, never as passed. */
  known?: string;
};

/** What every row of office.to-pdf shares. */
export const toPdf = { operation: "office.to-pdf" } as const;
export const toText = { operation: "pdf.to-text" } as const;
export const toImages = { operation: "pdf.to-images" } as const;
