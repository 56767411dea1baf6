import { execFileSync } from "node:child_process";

/** The text of a PDF's bytes. */
export const pdfText = (pdf: Buffer): string => execFileSync("pdftotext", ["-", "-"], { input: pdf, encoding: "utf8" });
