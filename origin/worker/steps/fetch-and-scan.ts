import { createHash } from "node:crypto";
import { Problem } from "#contract/problems.ts";
import { clock, type PipelineStep } from "../run.ts";
import { taskOf } from "./task-of.ts";

/** Streams the object once: into the box, into the scanner and into a hash. Nothing is kept here, and nothing is converted without the verdict. */
export const fetchAndScan: PipelineStep = async (run, { objects, scanner }) => {
  const startedAt = performance.now();
  run.progress = { stage: "fetching", fraction: 0 };
  const { key, etag, size, sha256: announced } = run.input;
  const scan = await scanner.open(run.signal);
  try {
    const object = await objects.read({ bucket: "uploads", key, etag }, run.signal);
    const hash = createHash("sha256");
    let received = 0;

    async function* passing(): AsyncGenerator<Uint8Array> {
      try {
        for await (const chunk of object as AsyncIterable<Uint8Array>) {
          received += chunk.byteLength;
          if (received > size) throw new Problem("upload-changed");
          hash.update(chunk);
          await scan.write(chunk);
          run.progress = { stage: "fetching", fraction: (0.1 * received) / size };
          yield chunk;
        }
      } catch (cause) {
        throw cause instanceof Problem ? cause : new Problem("storage-unavailable", undefined, { cause });
      }
      if (received !== size) throw new Problem("upload-changed");
    }

    const source = watched(passing());
    await taskOf(run)
      .put(source.bytes, size, run.signal)
      .catch((error: unknown) => Promise.reject(source.fault() ?? error));
    clock(run, "fetched_ms", startedAt);
    await scan.verdict().then(
      (verdict) => {
        run.scan = verdict;
      },
      (thrown: unknown) => {
        // Without a verdict the run goes on only to be unlocked, and then the plaintext needs one.
        if (!(thrown instanceof Problem && thrown.code === "input-encrypted")) throw thrown;
      },
    );
    clock(run, "scanned_ms", startedAt);

    const found = hash.digest("hex");
    run.input = { ...run.input, found_sha256: found };
    if (announced !== undefined && announced !== found) throw new Problem("upload-mismatch", `Its SHA-256 is ${found}.`);
  } finally {
    scan.abandon();
  }
};

/** A source that remembers why it failed: the reader of a broken stream only learns that it broke. */
function watched(bytes: AsyncIterable<Uint8Array>): { bytes: AsyncIterable<Uint8Array>; fault(): unknown } {
  let fault: unknown;
  async function* passing(): AsyncGenerator<Uint8Array> {
    try {
      yield* bytes;
    } catch (error) {
      fault = error;
      throw error;
    }
  }
  return { bytes: passing(), fault: () => fault };
}
