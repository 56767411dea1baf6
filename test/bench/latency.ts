// What the path adds to one small document when nothing else runs: one at a time, the sides in turn.
import type { Job } from "#contract/jobs.ts";
import type { BareUnoServer } from "./bare.ts";
import type { Client } from "./client.ts";
import type { BenchDocument } from "./documents.ts";

export type LatencyPair = {
  /** From POST /v1/jobs until `?wait` answers that the job succeeded. */
  pathMs: number;
  /** POST /v1/jobs alone. */
  startMs: number;
  bareMs: number;
  /** POST /v1/uploads and the PUT, before the clock. */
  uploadMs: number;
  timings: Job["timings"];
};

export async function latency(
  client: Client,
  servers: readonly BareUnoServer[],
  document: BenchDocument,
  repetitions: number,
): Promise<LatencyPair[]> {
  const pairs: LatencyPair[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const beganAt = performance.now();
    const upload = await client.upload(document);
    const uploadedAt = performance.now();
    const id = await client.start(upload);
    const startedAt = performance.now();
    const job = await client.ended(id);
    const endedAt = performance.now();
    if (job.state !== "succeeded") throw new Error(`${document.name} ${job.state}: ${job.problem?.code}`);
    const bareMs = await servers[repetition % servers.length]?.convert(document);
    if (bareMs === undefined) throw new Error(`a bare UnoServer did not convert ${document.name}`);
    pairs.push({
      pathMs: endedAt - uploadedAt,
      startMs: startedAt - uploadedAt,
      bareMs,
      uploadMs: uploadedAt - beganAt,
      timings: job.timings,
    });
  }
  return pairs;
}
