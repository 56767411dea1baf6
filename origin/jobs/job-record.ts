import { isFinal, Job } from "#contract/jobs.ts";
import type { JobRow } from "../db/schema.ts";

/** A row as the API shows it: no keys, no account, no secret option. Parsed, because jsonb forgets the order of fields and a schema keeps it. */
export function jobRecord(row: JobRow, queue?: Job["queue"]): Job {
  return Job.parse({
    id: row.id,
    state: row.state,
    livemode: row.livemode,
    tier: row.tier,
    created_at: row.createdAt.toISOString(),
    ...(row.startedAt && { started_at: row.startedAt.toISOString() }),
    ...(row.finishedAt && { finished_at: row.finishedAt.toISOString() }),
    ...(row.state === "queued" && row.queueExpiresAt && { queue_expires_at: row.queueExpiresAt.toISOString() }),
    ...(row.filesExpireAt && { expires_at: row.filesExpireAt.toISOString() }),
    expired: row.filesDeletedAt !== null,
    ...(queue && { queue }),
    attempt: row.attempt,
    progress: row.progress,
    ...(row.waitingFor && { waiting_for: row.waitingFor }),
    inputs: row.inputs.map(({ upload, filename, size, content_type, found_type, found_sha256, traits }) => ({
      upload,
      filename,
      size,
      content_type: found_type ?? content_type,
      ...(found_sha256 && { sha256: found_sha256 }),
      ...(traits && { traits }),
    })),
    steps: row.steps,
    results: row.results.map((result, n) => ({ ...result, url: `/v1/jobs/${row.id}/results/${n}` })),
    warnings: row.warnings,
    timings: row.timings,
    ...(row.scan && { scan: row.scan }),
    ...(row.engine && { engine: row.engine }),
    ...(row.problem && { problem: row.problem }),
  } satisfies Job);
}

export const hasEnded = (row: JobRow): boolean => isFinal(row.state);
