import type { OfficeReplacement } from "#contract/box.ts";
import type { OfficeRequest } from "#contract/operation.ts";
import type { Process } from "../strangers.ts";

export type OfficeJob = OfficeRequest & { input: string };

/** How a conversion ended, where LibreOffice itself did not fail. `pages` is known when ranges were asked for. */
export type OfficeOutcome =
  | { outcome: "converted"; pages?: number }
  | { outcome: "pages-outside"; pages: number }
  | { outcome: "load-failed" }
  | { outcome: "export-failed" };

/** LibreOffice, however it is driven. One conversion at a time. */
export type OfficeDriver = {
  readonly name: "unoserver" | "soffice";
  readonly ready: boolean;
  readonly starts: number;
  readonly documents: number;
  /** How often LibreOffice was replaced, by reason. */
  readonly replaced: Partial<Record<OfficeReplacement, number>>;
  /** Resolves when a real conversion has passed. */
  start(): Promise<void>;
  /** Throws `engine-crashed`, `input-too-complex`, or the reason of `signal`; the engine is replaced then. */
  convert(job: OfficeJob, signal: AbortSignal): Promise<OfficeOutcome>;
  /** Whether a process is of LibreOffice as it was when it became ready, before any document. */
  owns(process: Process): boolean;
  /** Replaces LibreOffice: something came out of it that nobody started. */
  distrust(): void;
  versions(): Record<string, string>;
  stop(): void;
};
