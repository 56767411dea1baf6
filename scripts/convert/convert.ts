import { mkdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { z } from "zod";
import { isFinal, Job } from "#contract/jobs.ts";
import { OperationInfo } from "#contract/routes/service.ts";
import { type Api, api, Refused } from "./api.ts";
import { chooseStep } from "./choose-step.ts";
import { download } from "./download.ts";
import { targets } from "./targets.ts";
import { upload } from "./upload.ts";

const waitSeconds = 2;

export type Conversion = {
  address: string;
  token: string;
  path: string;
  /** As the service shall know the file; the path's own when absent. */
  filename?: string;
  to: string;
  pages?: string;
  options: readonly string[];
  out?: string;
  /** Where files go without `out`. */
  here?: string;
  signal: AbortSignal;
  progress: (line: string) => void;
};

/** One document the whole public way: announce, PUT, job, wait, fetch. Gives the files that were written, and the job. */
export async function convert(conversion: Conversion): Promise<{ files: string[]; job: Job }> {
  const { address, token, path, to, pages, options, out, here = process.cwd(), signal, progress } = conversion;
  const filename = conversion.filename ?? basename(path);
  const service = api({ address, token, signal });
  const { data } = await service.json(z.object({ data: z.array(OperationInfo) }), "GET", "/v1/operations");
  const step = chooseStep(data, { filename, to, options, ...(pages !== undefined && { pages }) });

  const sent = (bytes: number, of: number) => progress(`uploading ${percent(bytes / of)} of ${bytesShown(of)}`);
  const id = await upload(service, { path, filename, signal, sent });
  const created = await service.json(Job, "POST", "/v1/jobs", { inputs: [{ upload: id }], steps: [step] });
  const job = await ended(service, created, progress);
  if (job.state !== "succeeded") throw job.problem ? new Refused(job.problem) : new Error(`The job was ${job.state}.`);

  const files = await targets(
    here,
    out,
    job.results.map((result) => result.filename),
  );
  for (const [index, target] of files.entries()) {
    const result = job.results[index];
    if (!result) continue;
    progress(`downloading ${index + 1} of ${files.length}`);
    await mkdir(dirname(target), { recursive: true });
    await download(service, { url: result.url, size: result.size, target, signal });
  }
  return { files, job };
}

async function ended(service: Api, created: Job, progress: Conversion["progress"]): Promise<Job> {
  let job = created;
  while (!isFinal(job.state)) {
    progress(
      job.state === "queued"
        ? `queued${job.waiting_for ? ` (waits for a ${job.waiting_for})` : ""}`
        : `${job.progress.stage} ${percent(job.progress.fraction)}`,
    );
    job = await service.json(Job, "GET", `/v1/jobs/${job.id}?wait=${waitSeconds}`);
  }
  return job;
}

const percent = (fraction: number): string => `${Math.round(fraction * 100)} %`;
const bytesShown = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
