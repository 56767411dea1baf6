import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docx } from "#test/fixtures/documents.ts";
import { convert } from "./convert.ts";

/** Converts a small document over the public path, and says what came out; throws when that is no PDF. */
export async function proveByConverting(where: { address: string; token: string; signal: AbortSignal }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "trusty-proof-"));
  try {
    const path = join(folder, "letter.docx");
    await writeFile(path, docx([["Dear reader,", "this document was made to see that TrustyConvert works."]]));
    const { files, job } = await convert({
      ...where,
      path,
      to: "pdf",
      options: [],
      out: join(folder, "letter.pdf"),
      progress: () => undefined,
    });
    const bytes = await readFile(files[0] ?? "");
    if (bytes.subarray(0, 5).toString("latin1") !== "%PDF-") throw new Error("The first conversion did not give a PDF.");
    return `Converted letter.docx to a PDF of ${bytes.length} bytes, ${job.results[0]?.pages} page, in ${job.timings.total_ms ?? "?"} ms (sandbox: ${job.engine?.sandbox}).`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
