import type { Principal } from "#contract/assertion.ts";
import type { Job, JobOrder } from "#contract/jobs.ts";
import type { Lane } from "#contract/operation.ts";
import { operationOf } from "#contract/operations.ts";
import { Problem } from "#contract/problems.ts";
import { uploadKey } from "#contract/uploads.ts";
import { accountState } from "../accounts/account-state.ts";
import type { Database } from "../db/database.ts";
import { jobRecord } from "./job-record.ts";
import { sealSecrets } from "./secret-options.ts";
import type { JobStore } from "./store.ts";

type Needs = { db: Database; store: Pick<JobStore, "insert" | "find">; optionsKey: Buffer; wake(lane: Lane): void };

/** Writes the job and wakes the dispatcher. The edge chose the id, so that a repeated order is the same job. */
export async function createJob({ db, store, optionsKey, wake }: Needs, principal: Principal, order: JobOrder): Promise<Job> {
  const [input] = order.inputs;
  const [step] = order.steps;
  if (!input || order.inputs.length > 1) throw new Problem("inputs-unsupported");
  if (!step || order.steps.length > 1) throw new Problem("steps-unsupported");
  if (input.key !== uploadKey(principal.account, input.upload)) throw new Problem("upload-not-found");
  const state = await accountState(db, principal.account);
  if (!state) throw new Problem("account-not-found");
  const { row: account, limits } = state;
  if (input.size > limits.file_bytes_max)
    throw new Problem("file-too-large", `The tier ${account.tier} takes files of up to ${limits.file_bytes_max} bytes.`);

  const { lane } = operationOf(step.operation);
  const row =
    (await store.insert({
      id: order.id,
      account: principal.account,
      subject: principal.subject,
      key: principal.key ?? null,
      livemode: principal.livemode,
      period: null,
      tier: account.tier,
      lane,
      runDeadlineMs: limits.run_deadline_ms,
      inputs: order.inputs,
      ...sealSecrets(optionsKey, order.id, order.steps),
    })) ?? (await store.find(principal, order.id));
  if (!row) throw new Problem("job-not-found");
  wake(lane);
  return jobRecord(row);
}
