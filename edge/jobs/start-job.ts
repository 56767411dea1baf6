import { idempotentReplayedHeader } from "#contract/idempotency.ts";
import { Job, type JobRequest } from "#contract/jobs.ts";
import { Problem } from "#contract/problems.ts";
import type { Admitted } from "../accounts/account-object.ts";
import type { Env } from "../env.ts";
import { type Caller, forward } from "../forward.ts";
import { orderJob } from "./order-job.ts";

const answerMs = 15_000;

type Request = { request: JobRequest; idempotency: Record<string, string> };

/** Orders the job at the origin; `used` is told of the uploads that a job uses from now on. */
export async function startJob(
  env: Env,
  caller: Caller,
  admitted: Admitted,
  { request, idempotency }: Request,
  used: (uploads: string[]) => void,
): Promise<Response> {
  const order = await orderJob(env, admitted, request).catch((cause: unknown) => ({ impossible: cause }));
  if ("impossible" in order) return replay(env, caller, { request, idempotency }, order.impossible);
  const answer = await forward(env, caller, { method: "POST", path: "/v1/jobs", headers: idempotency, body: order, timeoutMs: answerMs });
  used(order.inputs.map(({ upload }) => upload));
  if (answer.headers.has(idempotentReplayedHeader)) return located(answer);
  answer.headers.set("location", `/v1/jobs/${order.id}`);
  return answer;
}

/** The job of a repeated answer is the first one, whatever was ordered now. */
async function located(answer: Response): Promise<Response> {
  const text = await answer.text();
  const { headers, status } = answer;
  const job = Job.pick({ id: true }).safeParse(JSON.parse(text)).data;
  if (job) headers.set("location", `/v1/jobs/${job.id}`);
  return new Response(text, { status, headers });
}

/** An order that cannot be made any more may have been answered before: its upload is deleted when its job has ended. */
async function replay(env: Env, caller: Caller, { request, idempotency }: Request, impossible: unknown): Promise<Response> {
  if (Object.keys(idempotency).length === 0) throw impossible;
  const forwarding = { method: "POST", path: "/v1/jobs/replay", headers: idempotency, body: request, timeoutMs: answerMs } as const;
  const answer = await forward(env, caller, forwarding).catch((problem: unknown) => {
    throw problem instanceof Problem && problem.status === 404 ? impossible : problem;
  });
  return located(answer);
}
