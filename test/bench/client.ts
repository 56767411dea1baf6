// A client of the public API that costs little itself: it shares the machine with what it measures.
import { Agent, request } from "undici";
import { isFinal, Job } from "#contract/jobs.ts";
import { UploadTicket } from "#contract/uploads.ts";
import type { BenchDocument } from "./documents.ts";

export type Client = ReturnType<typeof openClient>;

export function openClient({ address, token }: { address: string; token: string }) {
  const dispatcher = new Agent({ connections: 64, headersTimeout: 60_000 });
  const call = async (method: "GET" | "POST", path: string, status: number, body?: unknown): Promise<unknown> => {
    const answer = await request(`${address}${path}`, {
      method,
      dispatcher,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (answer.statusCode !== status) throw new Error(`${method} ${path} answered ${answer.statusCode}: ${await answer.body.text()}`);
    return answer.body.json();
  };
  return {
    /** Announces and sends; gives the upload's id. */
    async upload({ name, bytes }: Pick<BenchDocument, "name" | "bytes">): Promise<string> {
      const ticket = UploadTicket.parse(await call("POST", "/v1/uploads", 201, { filename: name, size: bytes.byteLength }));
      const { statusCode, body } = await request(ticket.url, { method: "PUT", headers: ticket.headers, body: bytes, dispatcher });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`the PUT answered ${statusCode}: ${text}`);
      return ticket.id;
    },
    /** Gives the job's id. */
    async start(upload: string): Promise<string> {
      const order = { inputs: [{ upload }], steps: [{ operation: "office.to-pdf" }] };
      return Job.parse(await call("POST", "/v1/jobs", 202, order)).id;
    },
    read: async (id: string): Promise<Job> => Job.parse(await call("GET", `/v1/jobs/${id}`, 200)),
    async ended(id: string): Promise<Job> {
      for (;;) {
        const job = Job.parse(await call("GET", `/v1/jobs/${id}?wait=25`, 200));
        if (isFinal(job.state)) return job;
      }
    },
    close: () => dispatcher.close(),
  };
}
