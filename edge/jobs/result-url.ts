import type { ResultLocation } from "#contract/jobs.ts";
import { Problem } from "#contract/problems.ts";
import type { Env } from "../env.ts";
import { presign, type Signing } from "../presign.ts";

const lifetimeSeconds = 300;

/** A short-lived address of a result's bytes. Name and type were stored with the object. */
export async function resultUrl(
  env: Signing & Pick<Env, "RESULTS" | "RESULTS_BUCKET">,
  { key }: ResultLocation,
  now: Date,
): Promise<string> {
  const object = await env.RESULTS.head(key).catch((cause: unknown) => {
    throw new Problem("storage-unavailable", undefined, { cause });
  });
  if (object === null) throw new Problem("result-expired");
  return presign(env, { method: "GET", bucket: env.RESULTS_BUCKET, key, lifetimeSeconds }, now);
}
