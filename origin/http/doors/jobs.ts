import type { Hono } from "hono";
import { z } from "zod";
import { JobId } from "#contract/ids.ts";
import { JobOrder, JobRequest, type JobState, JobsQuery, waitSecondsMax } from "#contract/jobs.ts";
import type { Lane } from "#contract/operation.ts";
import { operationOf } from "#contract/operations.ts";
import { parseRequest } from "#contract/parse.ts";
import { Problem } from "#contract/problems.ts";
import type { JobRow } from "../../db/schema.ts";
import { type IdempotencyNeeds, idempotent, keptAnswer, type Repeatable } from "../../idempotency/idempotent.ts";
import { cancelJob } from "../../jobs/cancel-job.ts";
import { type CreateJobNeeds, createJob } from "../../jobs/create-job.ts";
import { deleteJob } from "../../jobs/delete-job.ts";
import { getJob } from "../../jobs/get-job.ts";
import { jobRecord } from "../../jobs/job-record.ts";
import { listJobs } from "../../jobs/list-jobs.ts";
import { locateResult } from "../../jobs/locate-result.ts";
import { withoutSecrets } from "../../jobs/secret-options.ts";
import { jobStore } from "../../jobs/store.ts";
import { countingRefusals, refuseQuarantined } from "../../quarantine/refuse-quarantined.ts";
import type { ObjectStore } from "../../storage/object-store.ts";
import { answer, answerOnce, idempotencyKeyOf } from "../answer-once.ts";
import { actorOf, type Env } from "../env.ts";

export type JobDoorNeeds = {
  createJob: IdempotencyNeeds & Pick<CreateJobNeeds, "lanes"> & { wake(lane: Lane): void };
  getJob: Parameters<typeof getJob>[0];
  objects: ObjectStore;
  announceEnd(jobId: string): void;
  /** Counts the ends that are made here; those of runs and of the sweep are counted there. */
  jobEnded(state: JobState): void;
  /** Fires at shutdown: long polls answer at once. */
  stopping: AbortSignal;
};

const GetJobQuery = z.object({ wait: z.coerce.number().int().min(0).max(waitSecondsMax).default(0) });
const ResultParams = z.object({ id: JobId, n: z.coerce.number().int().min(0) });

/** What makes two requests for a job the same: neither the id nor the pins, which the edge chose anew. */
const whatIsAsked = ({ inputs, steps, expires_in }: JobRequest): unknown => ({
  inputs: inputs.map(({ upload }) => ({ upload })),
  steps: withoutSecrets(steps),
  ...(expires_in !== undefined && { expires_in }),
});

export function jobDoors(app: Hono<Env>, needs: JobDoorNeeds): void {
  const { wake, lanes, ...idempotency } = needs.createJob;
  const requestOf = (c: Parameters<typeof actorOf>[0], request: JobRequest): Repeatable => ({
    principal: actorOf(c).principal,
    method: "POST",
    route: "/v1/jobs",
    key: idempotencyKeyOf(c),
    payload: whatIsAsked(request),
  });

  /** Who waits for the job, who runs it, and who may run instead. */
  const tellEnd = ({ id, lane, state }: JobRow) => {
    needs.jobEnded(state);
    needs.announceEnd(id);
    wake(lane);
  };

  app.post("/v1/jobs", async (c) => {
    const order = parseRequest(JobOrder, await c.req.json());
    const { principal } = actorOf(c);
    const start = () =>
      idempotent(idempotency, requestOf(c, order), async (db) => {
        await refuseQuarantined(db, order.inputs);
        return {
          status: 202,
          body: await createJob({ db, optionsKey: idempotency.optionsKey, lanes, now: new Date() }, principal, order),
          afterwards() {
            for (const { operation } of order.steps) wake(operationOf(operation).lane);
          },
        };
      });
    return answer(await countingRefusals(idempotency.db, order.inputs, start));
  });
  // The edge asks here when it no longer finds the upload: the first answer to the same request is still the answer.
  app.post("/v1/jobs/replay", async (c) => {
    const { key, ...request } = requestOf(c, parseRequest(JobRequest, await c.req.json()));
    const kept = key === undefined ? undefined : await keptAnswer(idempotency, { ...request, key });
    if (!kept) throw new Problem("upload-not-found");
    return answer(kept);
  });
  app.get("/v1/jobs", async (c) => c.json(await listJobs(idempotency, actorOf(c).principal, parseRequest(JobsQuery, c.req.query()))));
  app.post("/v1/jobs/:id/cancel", (c) => {
    const id = parseRequest(JobId, c.req.param("id"));
    return answerOnce(c, idempotency, {}, async (db) => {
      const { row, canceled } = await cancelJob({ store: jobStore(db) }, actorOf(c).principal, id);
      return { status: 200, body: jobRecord(row), ...(canceled && { afterwards: () => tellEnd(row) }) };
    });
  });
  app.delete("/v1/jobs/:id", async (c) => {
    const id = parseRequest(JobId, c.req.param("id"));
    return c.json(await deleteJob({ db: idempotency.db, objects: needs.objects, tellEnd }, actorOf(c).principal, id));
  });
  app.get("/v1/jobs/:id", async (c) => {
    const id = parseRequest(JobId, c.req.param("id"));
    const { wait } = parseRequest(GetJobQuery, c.req.query());
    const signal = AbortSignal.any([c.req.raw.signal, needs.stopping]);
    return c.json(await getJob(needs.getJob, actorOf(c).principal, id, wait * 1_000, signal));
  });
  app.get("/v1/jobs/:id/results/:n", async (c) => {
    const { id, n } = parseRequest(ResultParams, c.req.param());
    return c.json(await locateResult(needs.getJob, actorOf(c).principal, id, n));
  });
}
