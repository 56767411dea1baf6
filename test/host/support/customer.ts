// A customer of a host under test, over public HTTP.
import { readFile } from "node:fs/promises";
import { isFinal, Job } from "#contract/jobs.ts";
import { UploadTicket } from "#contract/uploads.ts";
import { type FixtureName, fixture } from "#test/fixtures/make.ts";

export type Customer = ReturnType<typeof customer>;

export function customer(address: string, token: string) {
  async function call(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(new URL(path, address), {
      method,
      redirect: "manual",
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (response.status >= 400) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response;
  }
  const job = async (id: string, waitSeconds = 0) => Job.parse(await (await call("GET", `/v1/jobs/${id}?wait=${waitSeconds}`)).json());

  return {
    call,
    job,
    async upload(filename: FixtureName = "two-pages.pdf"): Promise<string> {
      const bytes = new Uint8Array(await readFile(await fixture(filename)));
      const ticket = UploadTicket.parse(await (await call("POST", "/v1/uploads", { filename, size: bytes.byteLength })).json());
      const { "content-length": _, ...headers } = ticket.headers;
      const { status } = await fetch(ticket.url, { method: "PUT", headers, body: bytes });
      if (status !== 200) throw new Error(`the PUT answered ${status}`);
      return ticket.id;
    },
    async start(upload: string, operation = "pdf.to-text"): Promise<string> {
      const response = await call("POST", "/v1/jobs", { inputs: [{ upload }], steps: [{ operation }] });
      return Job.parse(await response.json()).id;
    },
    async ended(id: string, limitMs: number): Promise<Job> {
      for (const until = Date.now() + limitMs; ; ) {
        const found = await job(id, 5);
        if (isFinal(found.state)) return found;
        if (Date.now() > until) throw new Error(`the job did not end: ${JSON.stringify(found)}`);
      }
    },
    /** The bytes of a result, as the redirect leads to them. */
    async result(id: string): Promise<Uint8Array> {
      const redirect = await call("GET", `/v1/jobs/${id}/results/0`);
      const response = await fetch(redirect.headers.get("location") ?? "");
      if (response.status !== 200) throw new Error(`the store answered ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}
