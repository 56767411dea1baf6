import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Job } from "#contract/jobs.ts";

export type MachineFacts = Record<string, string>;

/** What numbers depend on. `job` is any that went the whole path. */
export async function machineFacts(root: string, job: Job, signatures: string): Promise<MachineFacts> {
  const versions = job.engine?.versions ?? {};
  const wrangler = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(root, "node_modules/wrangler/package.json"), "utf8")));
  return {
    cores: `${availableParallelism()} (${cpus()[0]?.model ?? "unknown"})`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.versions.node,
    libreoffice: versions.libreoffice ?? "unknown",
    unoserver: versions.unoserver ?? "unknown",
    wrangler: wrangler.version,
    scanner: `${job.scan?.scanner ?? "unknown"}, signatures: ${signatures}`,
    sandbox: job.engine?.sandbox ?? "unknown",
    load: `${loadavg()[0]?.toFixed(1)} in the minute before the measurement`,
  };
}
