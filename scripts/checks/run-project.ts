import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { runProgram } from "./run-program.ts";
import type { Tally } from "./tally.ts";

const Report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(z.object({ name: z.string(), status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

/** Runs one vitest project with its output streaming, and counts. A project without a passing test has failed: nothing was shown. */
export async function runProject(root: string, project: string, withinMs: number): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), "trusty-report-"));
  try {
    const reportPath = join(folder, "report.json");
    const command = [
      process.execPath,
      "node_modules/vitest/vitest.mjs",
      "run",
      ...["--project", project],
      ...["--reporter", project === "unit" ? "dot" : "verbose"],
      ...(project === "unit" ? [] : ["--reporter", "./scripts/checks/slowest-files.ts"]),
      ...["--reporter", "json", `--outputFile.json=${reportPath}`],
    ];
    const { ok } = await runProgram(command, { cwd: root, withinMs, stream: true });
    const report = Report.safeParse(JSON.parse(await readFile(reportPath, "utf8").catch(() => "null")));
    if (!report.success) {
      console.log(`${project}: ended without a report`);
      return { passed: 0, failed: 1, skipped: 0 };
    }
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = report.data;
    // A file that does not load, or whose set-up fails, has no failed test of its own.
    const brokenFiles = testResults.filter(
      ({ status, assertionResults }) => status === "failed" && !assertionResults.some((one) => one.status === "failed"),
    ).length;
    const failed = numFailedTests + brokenFiles;
    const unexplained = failed === 0 && (!ok || numPassedTests === 0) ? 1 : 0;
    if (unexplained > 0) console.log(`${project}: ${numPassedTests === 0 ? "no test ran" : "vitest failed without a failed test"}`);
    return { passed: numPassedTests, failed: failed + unexplained, skipped: numPendingTests + numTodoTests };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
