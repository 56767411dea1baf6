// A client that does as the documentation says: it repeats what the service tells it to repeat, with the same Idempotency-Key, and remembers every answer.
import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, type Dispatcher, request } from "undici";
import { isFinal, Job } from "#contract/jobs.ts";
import { type ProblemBody, ProblemBody as ProblemSchema } from "#contract/problems.ts";
import { UploadTicket } from "#contract/uploads.ts";
import type { Answers } from "./answers.ts";
import type { ChaosDocument } from "./documents.ts";

/** The edge's own limits are 15 s, and 10 s beyond what was to be waited for. */
const answerWithinMs = 25_000;
const waitSeconds = 20;
/** Somebody who asks for longer than this in vain gives up. */
const patienceMs = 180_000;
const pauseMsMax = 3_000;

type Asked = { method: "GET" | "POST" | "PUT" | "DELETE"; url: string; headers?: Record<string, string>; body?: string | Uint8Array };
type Answered = { status: number; headers: Dispatcher.ResponseData["headers"]; body: Buffer };

export class GivenUp extends Error {}

export type ChaosClient = ReturnType<typeof openClient>;

export function openClient({ address, token, answers }: { address: string; token: string; answers: Answers }) {
  const dispatcher = new Agent({ connections: 64, connectTimeout: 5_000 });

  async function once({ url, ...asked }: Asked, withinMs: number): Promise<Answered> {
    const signal = AbortSignal.timeout(withinMs);
    const answer = await request(url, { ...asked, dispatcher, signal, headersTimeout: withinMs, bodyTimeout: withinMs });
    return { status: answer.statusCode, headers: answer.headers, body: Buffer.from(await answer.body.arrayBuffer()) };
  }

  /** Asks until the answer is one of these statuses. What the service says to repeat, and what its door did not answer while it was away, is repeated. */
  async function ask(what: string, asked: Asked, expected: readonly number[], waitedMs = 0): Promise<Answered> {
    const until = Date.now() + patienceMs;
    for (let tries = 0; ; tries++) {
      const at = Date.now();
      const answer = await once(asked, answerWithinMs + waitedMs).catch((error: Error) => error);
      if (!(answer instanceof Error) && expected.includes(answer.status)) {
        answers.good();
        return answer;
      }
      const problem = answer instanceof Error ? undefined : problemOf(answer);
      if (problem) answers.problem(problem);
      else
        answers.none(
          what,
          at,
          answer instanceof Error ? (answer.cause ?? answer) : `${answer.status}: ${answer.body.toString("utf8", 0, 200)}`,
        );
      if (problem?.retry === "never") throw new GivenUp(`${what} was refused: ${problem.code} ${problem.detail ?? ""}`);
      if (Date.now() > until) throw new GivenUp(`${what} was not answered for ${patienceMs / 1_000} s`);
      const wanted = answer instanceof Error ? Number.NaN : Number(answer.headers["retry-after"] ?? Number.NaN) * 1_000;
      await sleep(Math.min(pauseMsMax, Number.isNaN(wanted) ? 200 * 2 ** Math.min(tries, 4) : wanted));
    }
  }

  async function api(
    what: string,
    method: Asked["method"],
    path: string,
    expected: number,
    more: { body?: object; key?: string; waitedMs?: number } = {},
  ) {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(more.body && { "content-type": "application/json" }),
      ...(more.key && { "idempotency-key": more.key }),
    };
    const url = `${address}${path}`;
    return ask(what, { method, url, headers, ...(more.body && { body: JSON.stringify(more.body) }) }, [expected], more.waitedMs);
  }

  const json = ({ body }: Answered): unknown => JSON.parse(body.toString("utf8"));

  return {
    async upload({ filename, bytes }: Pick<ChaosDocument, "filename" | "bytes">): Promise<string> {
      const ticket = UploadTicket.parse(
        json(await api("POST /v1/uploads", "POST", "/v1/uploads", 201, { body: { filename, size: bytes.byteLength } })),
      );
      // 412: a PUT whose answer was lost has arrived.
      await ask("PUT of an upload", { method: "PUT", url: ticket.url, headers: ticket.headers, body: bytes }, [200, 412]);
      return ticket.id;
    },
    /** The id of the accepted job. */
    async start(upload: string, step: ChaosDocument["step"]): Promise<string> {
      const body = { inputs: [{ upload }], steps: [step] };
      return Job.parse(json(await api("POST /v1/jobs", "POST", "/v1/jobs", 202, { body, key: randomUUID() }))).id;
    },
    async ended(id: string): Promise<Job> {
      for (;;) {
        const waited = await api("GET /v1/jobs/{id}", "GET", `/v1/jobs/${id}?wait=${waitSeconds}`, 200, { waitedMs: waitSeconds * 1_000 });
        const job = Job.parse(json(waited));
        if (isFinal(job.state)) return job;
      }
    },
    /** The digest of a result's bytes. */
    async digest(job: Job, n = 0): Promise<string> {
      const redirect = await api("GET /v1/jobs/{id}/results/{n}", "GET", job.results[n]?.url ?? "", 302);
      const { body } = await ask("GET of a result", { method: "GET", url: String(redirect.headers.location) }, [200]);
      return createHash("sha256").update(body).digest("hex");
    },
    remove: (id: string) => api("DELETE /v1/jobs/{id}", "DELETE", `/v1/jobs/${id}`, 200),
    close: () => dispatcher.destroy(),
  };
}

function problemOf({ headers, body }: Answered): ProblemBody | undefined {
  if (!String(headers["content-type"]).startsWith("application/problem+json")) return undefined;
  try {
    return ProblemSchema.parse(JSON.parse(body.toString("utf8")));
  } catch {
    return undefined;
  }
}
