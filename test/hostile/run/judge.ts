import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "#contract/jobs.ts";
import type { Facts, Row } from "../row.ts";
import type { Ended } from "./convert.ts";

/** What is wrong with how a row ended; empty when it holds. `never` is what no result of any row may contain. */
export function judge(row: Row, { code, job, results }: Ended, never: readonly string[]): string[] {
  if (code !== "succeeded") {
    const left = (job?.results.length ?? 0) > 0 ? ["a failed job has results"] : [];
    return row.refused?.includes(code) ? left : [`${code}${job?.problem?.detail ? `: ${job.problem.detail}` : ""}`, ...left];
  }
  if (!row.succeeded || !job) return ["it was converted"];
  return [...gate(job), ...facts(row.succeeded, job, results, never)];
}

/** No document is converted without the scanner's word, or outside of a box. */
function gate({ scan, engine }: Job): string[] {
  return [
    ...(scan?.verdict === "clean" ? [] : ["it was converted without a verdict"]),
    ...(engine?.sandbox === "bubblewrap" ? [] : [`it was converted in the sandbox ${engine?.sandbox}`]),
  ];
}

function facts(
  { pages, results: count, contains, lacks = [], warning }: Facts,
  job: Job,
  results: readonly Buffer[],
  never: readonly string[],
): string[] {
  const [first] = job.results;
  const read = results.map((bytes) => readable(bytes));
  const text = read.map((one) => one.text).join("\n");
  const everything = read.map((one) => one.everything).join("\n");
  return [
    ...(pages !== undefined && first?.pages !== pages ? [`it has ${first?.pages} pages`] : []),
    ...(count !== undefined && job.results.length !== count ? [`it has ${job.results.length} results`] : []),
    ...(contains !== undefined && !text.replaceAll(/\s+/g, " ").includes(contains)
      ? [`it does not say ${JSON.stringify(contains)} but ${JSON.stringify(text.slice(0, 80))}`]
      : []),
    ...[...lacks, ...never].filter((word) => everything.includes(word)).map((word) => `it contains ${JSON.stringify(word)}`),
    ...(warning !== undefined && !job.warnings.some((one) => one.code === warning) ? [`it lacks the warning ${warning}`] : []),
  ];
}

/** The text of a result, and all its bytes with its streams unpacked. */
function readable(bytes: Buffer): { text: string; everything: string } {
  if (!bytes.subarray(0, 5).equals(Buffer.from("%PDF-"))) return { text: bytes.toString("utf8"), everything: bytes.toString("latin1") };
  const folder = mkdtempSync(join(tmpdir(), "hostile-result-"));
  try {
    const [result, unpacked] = [join(folder, "result.pdf"), join(folder, "unpacked.pdf")];
    writeFileSync(result, bytes);
    const text = execFileSync("pdftotext", ["-enc", "UTF-8", result, "-"], { maxBuffer: 100_000_000, timeout: 30_000 }).toString();
    const plain = bytes.length < 2_000_000 && unpack(result, unpacked) ? readFileSync(unpacked, "latin1") : "";
    return { text, everything: `${text}\n${bytes.toString("latin1")}\n${plain}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function unpack(from: string, to: string): boolean {
  try {
    execFileSync("qpdf", ["--qdf", "--object-streams=disable", from, to], { stdio: "ignore", timeout: 30_000 });
    return true;
  } catch {
    return false; // exit 3: with warnings; the bytes and the text were looked at already
  }
}
