// A client that does as the documentation says, over public HTTP only.
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import { isFinal, Job } from "#contract/jobs.ts";
import { ProblemBody } from "#contract/problems.ts";
import type { TierName } from "#contract/tiers.ts";
import { UploadTicket } from "#contract/uploads.ts";
import { type KeyFor, localKey } from "#scripts/stack/local-key.ts";
import { type FixtureName, fixture } from "#test/fixtures/make.ts";

export const { address, secrets, origin, sandbox } = inject("stack");

/** A new account for each test file, so that nothing is shared. */
export const newAccount = () => `t${Math.random().toString(36).slice(2, 12)}`;

export type Step = { operation: string; options?: Record<string, unknown> };
export type Announced = { filename: string; size: number; content_type?: string; sha256?: string };

export async function client(account = newAccount(), tier: TierName = "premium", more: Partial<KeyFor> = {}) {
  const { key: token } = await localKey({ ...origin, edgeKey: secrets.edgeKey }, { account, tier, minutes: 30, ...more });

  const call = (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(new URL(path, address), {
      method,
      redirect: "manual",
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });

  const announce = async (wanted: Announced): Promise<UploadTicket> => {
    const response = await call("POST", "/v1/uploads", wanted);
    if (response.status !== 201) throw new Error(`no ticket: ${response.status} ${await response.text()}`);
    return UploadTicket.parse(await response.json());
  };

  const upload = async (filename: string, bytes: Uint8Array<ArrayBuffer>, more: Partial<Announced> = {}): Promise<string> => {
    const ticket = await announce({ filename, size: bytes.byteLength, ...more });
    const { status } = await put(ticket, bytes);
    if (status !== 200) throw new Error(`the PUT answered ${status}`);
    return ticket.id;
  };

  const read = async (id: string, waitSeconds = 0): Promise<Job | undefined> => {
    const response = await call("GET", `/v1/jobs/${id}?wait=${waitSeconds}`);
    // A dead origin is back soon; the client asks again.
    if (response.status === 503 || response.status === 504) return undefined;
    if (response.status !== 200) throw new Error(`no job: ${response.status} ${await response.text()}`);
    return Job.parse(await response.json());
  };

  return {
    account,
    token,
    call,
    announce,
    upload,
    uploadFixture: async (name: FixtureName, filename: string = name) =>
      upload(filename, new Uint8Array(await readFile(await fixture(name)))),
    create: (upload: string, step: Step) => call("POST", "/v1/jobs", { inputs: [{ upload }], steps: [step] }),
    async start(upload: string, step: Step): Promise<Job> {
      const response = await this.create(upload, step);
      if (response.status !== 202) throw new Error(`the job was refused: ${response.status} ${await response.text()}`);
      return Job.parse(await response.json());
    },
    read,
    async ended(id: string, limitMs = 150_000): Promise<Job> {
      for (const until = Date.now() + limitMs; ; ) {
        const job = await read(id, 5);
        if (job && isFinal(job.state)) return job;
        if (Date.now() > until) throw new Error(`the job did not end: ${JSON.stringify(job)}`);
        // Who asks a dead origin without a pause has used up his rate when it is back.
        if (!job) await sleep(250);
      }
    },
    async convertFixture(name: FixtureName, step: Step, filename: string = name): Promise<Job> {
      const { id } = await this.start(await this.uploadFixture(name, filename), step);
      return this.ended(id);
    },
    /** The bytes of a result, by the redirect; the store's own answer. */
    async result(job: Job, n = 0): Promise<Response> {
      const redirect = await call("GET", job.results[n]?.url ?? "/none");
      if (redirect.status !== 302) throw new Error(`no redirect: ${redirect.status} ${await redirect.text()}`);
      return fetch(redirect.headers.get("location") ?? "");
    },
  };
}

export type Client = Awaited<ReturnType<typeof client>>;

/** Sends a body of its own true length, whatever the ticket says. */
export function put(ticket: Pick<UploadTicket, "url" | "headers">, body: string | Uint8Array<ArrayBuffer>): Promise<Response> {
  const { "content-length": _, ...headers } = ticket.headers;
  return fetch(ticket.url, { method: "PUT", headers, body });
}

/** Status and code of a refusal; it must be problem details with its own status inside. */
export async function refusalOf(response: Response): Promise<{ status: number; code: string }> {
  if (!response.headers.get("content-type")?.startsWith("application/problem+json")) {
    throw new Error(`${response.status} without problem details: ${(await response.text()).slice(0, 300)}`);
  }
  const { status, code } = ProblemBody.parse(await response.json());
  if (status !== response.status) throw new Error(`the body says ${status}, the answer ${response.status}`);
  return { status, code };
}

/** Suspends the account, and waits until the edge knows. */
export async function suspend(operator: Client, { account, call }: Client): Promise<void> {
  const changed = await operator.call("PATCH", `/v1/admin/accounts/${account}`, { suspended: true, reason: "a test" });
  if (changed.status !== 200) throw new Error(`not suspended: ${changed.status} ${await changed.text()}`);
  for (const until = Date.now() + 60_000; (await call("GET", "/v1/account")).status !== 403; )
    if (Date.now() > until) throw new Error("the edge does not hear of the suspension");
}
