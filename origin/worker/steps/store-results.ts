import { contentDisposition } from "../../storage/content-disposition.ts";
import { clock, type PipelineStep } from "../run.ts";
import { taskOf } from "./task-of.ts";

/** Streams the results from the box into the object store, hashing them on the way. The attempt is part of their keys. */
export const storeResults: PipelineStep = async (run, { objects }) => {
  const startedAt = performance.now();
  run.progress = { stage: "storing", fraction: 0.9 };
  const { id, account, attempt } = run.row;
  const facts = run.done?.results ?? [];
  for (const [n, result] of facts.entries()) {
    const key = `${account}/${id}/${attempt}/${n}`;
    const bytes = await taskOf(run).result(n, result, run.signal);
    const { sha256 } = await objects.write(
      {
        bucket: "results",
        key,
        contentType: result.content_type,
        contentDisposition: contentDisposition(result.filename),
        sizeBytes: result.size,
      },
      bytes,
      run.signal,
    );
    run.results.push({ ...result, sha256, key });
    run.progress = { stage: "storing", fraction: 0.9 + (0.1 * (n + 1)) / facts.length };
  }
  clock(run, "stored_ms", startedAt);
};
