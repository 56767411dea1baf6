import { JobOrder, type JobRequest } from "#contract/jobs.ts";
import { operationOf } from "#contract/operations.ts";
import { Problem } from "#contract/problems.ts";
import type { Admitted } from "../accounts/account-object.ts";
import type { Env } from "../env.ts";
import { randomId } from "../random-id.ts";
import { checkType } from "./check-type.ts";
import { pinInput } from "./pin-input.ts";

/** The order that the origin gets: the caller's request with a job id, and with every input pinned to its bytes. */
export async function orderJob(env: Pick<Env, "UPLOADS">, admitted: Admitted, request: JobRequest): Promise<JobOrder> {
  const { steps, expires_in } = request;
  if (request.inputs.length > 1) throw new Problem("inputs-unsupported");
  if (steps.length > 1) throw new Problem("steps-unsupported");
  const inputs = await Promise.all(request.inputs.map(({ upload }) => pinInput(env.UPLOADS, admitted, upload)));
  for (const { operation } of steps) {
    for (const { filename, content_type } of inputs) checkType(operationOf(operation), filename, content_type);
  }
  return JobOrder.parse({ id: randomId("job"), inputs, steps, expires_in });
}
