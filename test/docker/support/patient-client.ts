// A client that asks again when a part of the house is away for a moment, as clients do.
import { setTimeout as sleep } from "node:timers/promises";
import { isFinal, Job } from "#contract/jobs.ts";
import { UploadTicket } from "#contract/uploads.ts";
import type { Project } from "./project.ts";

const patienceMs = 180_000;

export async function patientClient(project: Project) {
  const { id } = await project.one("edge");
  const token = await project.exec(id, ["node", "scripts/compose/dev-key.ts", "--tier", "enterprise"]);

  /** Until the answer is one of the expected; what stands for "not now" is asked again. */
  async function ask(
    method: string,
    url: string,
    status: number,
    headers: Record<string, string>,
    body?: string | Uint8Array<ArrayBuffer>,
  ) {
    let last: unknown;
    for (const until = Date.now() + patienceMs; Date.now() < until; await sleep(250)) {
      try {
        const response = await fetch(url, { method, headers, signal: AbortSignal.timeout(30_000), ...(body !== undefined && { body }) });
        if (response.status === status) return response;
        last = `${response.status} ${await response.text()}`;
        if (response.status < 500) break;
      } catch (error) {
        last = error;
      }
    }
    throw new Error(`${method} ${new URL(url).pathname} was not answered with ${status}`, { cause: last });
  }
  const ours = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const post = (path: string, body: object) => [`${project.address}${path}`, JSON.stringify(body)] as const;

  async function start(filename: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const [uploads, wanted] = post("/v1/uploads", { filename, size: bytes.byteLength });
    const ticket = UploadTicket.parse(await (await ask("POST", uploads, 201, ours, wanted)).json());
    const { "content-length": _, ...headers } = ticket.headers;
    await ask("PUT", ticket.url, 200, headers, bytes);
    const [jobs, order] = post("/v1/jobs", { inputs: [{ upload: ticket.id }], steps: [{ operation: "office.to-pdf" }] });
    return Job.parse(await (await ask("POST", jobs, 202, ours, order)).json()).id;
  }

  async function ended(id: string): Promise<Job> {
    for (const until = Date.now() + patienceMs; ; await sleep(250)) {
      const job = Job.parse(await (await ask("GET", `${project.address}/v1/jobs/${id}`, 200, ours)).json());
      if (isFinal(job.state)) return job;
      if (Date.now() > until) throw new Error(`the job did not end: ${JSON.stringify(job)}`);
    }
  }

  return { start, ended, convert: async (filename: string, bytes: Uint8Array<ArrayBuffer>) => ended(await start(filename, bytes)) };
}
