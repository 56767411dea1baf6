import { readFile } from "node:fs/promises";
import { Job } from "#contract/jobs.ts";
import { announce, call, put } from "#test/edge/support/client.ts";
import { type FixtureName, fixture } from "#test/fixtures/make.ts";
import type { House } from "./house.ts";

export type Step = { operation: string; options?: Record<string, unknown> };

/** A client of one account that does as the documentation says. */
export function client({ edge }: Pick<House, "edge">, account = "acme") {
  const get = async (path: string) => call(edge, "GET", path, undefined, account);
  return {
    async upload(filename: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
      const ticket = await announce(edge, { filename, size: bytes.byteLength }, account);
      const { status } = await put(ticket, bytes);
      if (status !== 200) throw new Error(`the PUT answered ${status}`);
      return ticket.id;
    },
    async uploadFixture(name: FixtureName, filename: string = name): Promise<string> {
      return this.upload(filename, new Uint8Array(await readFile(await fixture(name))));
    },
    async start(upload: string, step: Step): Promise<Job> {
      const response = await call(edge, "POST", "/v1/jobs", { inputs: [{ upload }], steps: [step] }, account);
      if (response.status !== 202) throw new Error(`the job was refused: ${response.status} ${await response.text()}`);
      return Job.parse(await response.json());
    },
    async read(id: string, waitSeconds = 0): Promise<Job> {
      const response = await get(`/v1/jobs/${id}?wait=${waitSeconds}`);
      if (response.status !== 200) throw new Error(`no job: ${response.status} ${await response.text()}`);
      return Job.parse(await response.json());
    },
    async ended(id: string, limitMs = 150_000): Promise<Job> {
      for (const until = Date.now() + limitMs; ; ) {
        const job = await this.read(id, 5);
        if (["succeeded", "failed", "canceled"].includes(job.state)) return job;
        if (Date.now() > until) throw new Error(`the job did not end: ${JSON.stringify(job)}`);
      }
    },
    /** The bytes of a result, by the redirect. */
    async result(job: Job, n = 0): Promise<Response> {
      const redirect = await get(job.results[n]?.url ?? "/none");
      if (redirect.status !== 302) return redirect;
      return fetch(redirect.headers.get("location") ?? "");
    },
    get,
  };
}
