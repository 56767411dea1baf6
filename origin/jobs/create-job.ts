import type { Principal } from "#contract/assertion.ts";
import type { Job, JobOrder } from "#contract/jobs.ts";
import type { Lane } from "#contract/operation.ts";
import { operationOf } from "#contract/operations.ts";
import { Problem } from "#contract/problems.ts";
import { tiers } from "#contract/tiers.ts";
import { uploadKey } from "#contract/uploads.ts";
import { jobRecord } from "./job-record.ts";
import { sealSecrets } from "./secret-options.ts";
import type { JobStore } from "./store.ts";

type Needs = { store: Pick<JobStore, "insert" | "find">; optionsKey: Buffer; wake(lane: Lane): void };

/** Writes the job and wakes the dispatcher. The edge chose the id, so that a repeated order is the same job. */
export async function createJob({ store, optionsKey, wake }: Needs, principal: Principal, order: JobOrder): Promise<Job> {
  const [input] = order.inputs;
  const [step] = order.steps;
  if (!input || order.inputs.length > 1) throw new Problem("inputs-unsupported");
  if (!step || order.steps.length > 1) throw new Problem("steps-unsupported");
  if (input.key !== uploadKey(principal.account, input.upload)) throw new Problem("upload-not-found");
  const tier = tiers[principal.tier];
  if (input.size > tier.fileBytesMax)
    throw new Problem("file-too-large", `The tier ${principal.tier} takes files of up to ${tier.fileBytesMax} bytes.`);

  const { lane } = operationOf(step.operation);
  const row =
    (await store.insert({
      id: order.id,
      account: principal.account,
      subject: principal.subject,
      tier: principal.tier,
      lane,
      runDeadlineMs: tier.runDeadlineMs,
      inputs: order.inputs,
      ...sealSecrets(optionsKey, order.id, order.steps),
    })) ?? (await store.find(principal.account, order.id));
  if (!row) throw new Problem("job-not-found");
  wake(lane);
  return jobRecord(row);
}
