import { createHash } from "node:crypto";
import type { Run, Tools } from "./run.ts";

/** Keeps the input of a run away from boxes. When the box died before all of it had passed, it is read once more for its digest. */
export async function quarantineInput(run: Run, { objects, quarantine }: Pick<Tools, "objects" | "quarantine">): Promise<void> {
  const { key, etag, found_sha256 } = run.input;
  if (found_sha256 === undefined) {
    const hash = createHash("sha256");
    for await (const chunk of await objects.read({ bucket: "uploads", key, etag }, run.signal)) hash.update(chunk);
    run.input = { ...run.input, found_sha256: hash.digest("hex") };
  }
  await quarantine.put(run);
}
