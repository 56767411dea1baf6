// Rows that must succeed, before and after the others: a gate that refuses everything would pass every other row.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docx } from "#test/fixtures/documents.ts";
import { pdf } from "#test/fixtures/pdf.ts";
import { macroFodt } from "../make/macros.ts";
import { type Row, toImages, toPdf, toText } from "../row.ts";

/** Planted in content and name: no store but R2 may know the one, no log the other. */
export const contentCanary = "content-canary-7c1e";
export const nameCanary = "name-canary-93ab";

export const controls = (when: "first" | "last"): readonly Row[] => [
  {
    title: `${when}, an honest docx is converted`,
    filename: `${nameCanary}.docx`,
    file: () => docx([[`Dear reader, ${contentCanary}`]]),
    ...toPdf,
    succeeded: { pages: 1, contains: contentCanary },
  },
  {
    title: `${when}, an honest PDF is read`,
    filename: "a.pdf",
    file: () => pdf([contentCanary]),
    ...toText,
    succeeded: { contains: contentCanary },
  },
  { title: `${when}, an honest PDF is drawn`, filename: "a.pdf", file: () => pdf(["x"]), ...toImages, succeeded: { results: 1 } },
];

/** Whether the macro of the macro rows works where macros may run: without this the rows would show nothing. */
export function macroRunsWhereItMay(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "hostile-macro-"));
  try {
    const [document, canary] = [join(folder, "macro.fodt"), join(folder, "canary")];
    writeFileSync(document, macroFodt(canary));
    execFileSync("/usr/bin/python3", ["-B", join(import.meta.dirname, "../../fixtures/open_with_macros.py"), document], {
      timeout: 60_000,
      stdio: "ignore",
    });
    return readFileSync(canary, "utf8").includes("ran");
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
