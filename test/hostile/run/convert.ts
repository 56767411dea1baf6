import { setTimeout as sleep } from "node:timers/promises";
import { isFinal, Job } from "#contract/jobs.ts";
import type { ProblemCode } from "#contract/problems.ts";
import { UploadTicket } from "#contract/uploads.ts";
import { type Api, Refused } from "#scripts/convert/api.ts";
import type { Row } from "../row.ts";

/** How a row ended: refused at a door, or by a job that ended. */
export type Ended = { code: ProblemCode | "succeeded"; job?: Job; results: Buffer[] };

const endsWithinMs = 300_000;

/** Sends a file and converts it, as the documentation says. */
export async function convert(
  api: Api,
  row: Pick<Row, "filename" | "contentType" | "operation" | "options">,
  bytes: Uint8Array,
): Promise<Ended> {
  try {
    const { filename, contentType, operation, options = {} } = row;
    const announced = { filename, size: bytes.byteLength, ...(contentType !== undefined && { content_type: contentType }) };
    const ticket = await api.json(UploadTicket, "POST", "/v1/uploads", announced);
    const sent = await fetch(ticket.url, { method: ticket.method, headers: ticket.headers, body: new Uint8Array(bytes) });
    if (sent.status !== 200) throw new Error(`the PUT answered ${sent.status}`);
    const order = { inputs: [{ upload: ticket.id }], steps: [{ operation, options }] };
    const { id } = await api.json(Job, "POST", "/v1/jobs", order);
    const job = await ended(api, id);
    if (job.state !== "succeeded") return { code: job.problem?.code ?? "internal", job, results: [] };
    return { code: "succeeded", job, results: await Promise.all(job.results.slice(0, 3).map(({ url }) => download(api, url))) };
  } catch (error) {
    if (error instanceof Refused) return { code: error.problem.code, results: [] };
    throw error;
  }
}

async function ended(api: Api, id: string): Promise<Job> {
  for (const until = Date.now() + endsWithinMs; ; ) {
    const job = await api.json(Job, "GET", `/v1/jobs/${id}?wait=20`);
    if (isFinal(job.state)) return job;
    if (Date.now() > until) throw new Error(`the job did not end: ${JSON.stringify(job)}`);
    await sleep(20);
  }
}

async function download(api: Api, url: string): Promise<Buffer> {
  const location = (await api.send("GET", url)).headers.get("location") ?? "";
  const response = await fetch(location);
  if (response.status !== 200) throw new Error(`the result answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
