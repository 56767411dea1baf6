// One round of each side: the same documents, as fast as they go.
import type { Job } from "#contract/jobs.ts";
import type { BareUnoServer } from "./bare.ts";
import type { Client } from "./client.ts";
import type { BenchDocument } from "./documents.ts";
import { shareOut } from "./share-out.ts";
import { type Roots, startCounting, type Usage } from "./usage.ts";

export type PathRound = {
  documents: number;
  /** From the first POST /v1/jobs until the last job's end was answered. */
  wallMs: number;
  /** Until the last POST /v1/jobs was answered. */
  startedMs: number;
  usage: Usage;
  jobs: Job[];
  /** Before the clock: POST /v1/uploads and PUT for every document. */
  upload: { wallMs: number; usage: Usage };
};

export type BareRound = { documents: number; wallMs: number; usage: Usage; conversions: { name: string; ms: number }[] };

/** Requests that the client has under way at once. */
const connections = 4;

export async function pathRound(client: Client, documents: readonly BenchDocument[], roots: Roots): Promise<PathRound> {
  const uploaded = startCounting(roots);
  const uploads = await shareOut(documents, connections, (document) => client.upload(document));
  const upload = uploaded();

  const counted = startCounting(roots);
  const startedAt = performance.now();
  const ids = await shareOut(uploads, connections, (id) => client.start(id));
  const startedMs = performance.now() - startedAt;
  const jobs = await shareOut(ids, connections, (id) => client.ended(id));
  const wallMs = performance.now() - startedAt;
  const usage = counted();
  for (const [index, job] of jobs.entries()) if (job.state !== "succeeded") throw new Error(failure(documents[index]?.name, job));
  return { documents: documents.length, wallMs, startedMs, usage, jobs, upload: { wallMs: upload.wallMs, usage: upload } };
}

export async function bareRound(servers: readonly BareUnoServer[], documents: readonly BenchDocument[], roots: Roots): Promise<BareRound> {
  const counted = startCounting(roots);
  const startedAt = performance.now();
  const conversions = await shareOut(documents, servers.length, async (document, worker) => {
    const ms = await servers[worker]?.convert(document);
    if (ms === undefined) throw new Error(`a bare UnoServer did not convert ${document.name}`);
    return { name: document.name, ms };
  });
  const wallMs = performance.now() - startedAt;
  return { documents: documents.length, wallMs, usage: counted(), conversions };
}

/**
 * Documents that both sides convert. Each server of both sides gets each of them some times, so that none meets a kind for the first time in a round,
 * and Node's compiler has done most of its work: over the first hundred documents a box's own time for each falls by half.
 */
export async function warmUp(
  { client, servers }: { client: Client; servers: readonly BareUnoServer[] },
  documents: readonly BenchDocument[],
  times: number,
): Promise<{ good: BenchDocument[]; left: string[] }> {
  const converted = await Promise.all(
    servers.map(async (server) => {
      const good = new Set<BenchDocument>();
      for (const document of documents) if ((await server.convert(document)) !== undefined) good.add(document);
      for (let time = 1; time < times; time++) for (const document of good) await server.convert(document);
      return good;
    }),
  );
  const bare = documents.filter((document) => converted.every((good) => good.has(document)));
  const passed = new Set(bare);
  for (let turn = 0; turn < servers.length * times; turn++) {
    await shareOut(bare, connections, async (document) => {
      const job = await client.ended(await client.start(await client.upload(document)));
      if (job.state !== "succeeded") passed.delete(document);
    });
  }
  const good = documents.filter((document) => passed.has(document));
  return { good, left: documents.filter((document) => !passed.has(document)).map(({ name }) => name) };
}

const failure = (name: string | undefined, job: Job): string =>
  `${name} ${job.state}: ${job.problem?.code ?? ""} ${job.problem?.detail ?? ""}`;
