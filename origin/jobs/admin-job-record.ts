import type { z } from "zod";
import { AdminJob } from "#contract/routes/admin.ts";
import type { JobRow } from "../db/schema.ts";
import { jobRecord } from "./job-record.ts";

const unnamed = <Named extends { filename: string }>(file: Named): Named => ({ ...file, filename: "" });

/** A job for those who operate the service: what happened to it, and nothing that its owner calls things or chose. */
export function adminJobRecord(row: JobRow): z.infer<typeof AdminJob> {
  const job = jobRecord(row);
  return AdminJob.parse({
    ...job,
    account: row.account,
    inputs: job.inputs.map(unnamed),
    results: job.results.map(unnamed),
    steps: job.steps.map(({ operation }) => ({ operation, options: {} })),
    warnings: job.warnings.map(({ code }) => ({ code, detail: "" })),
  });
}
