import type { Hono } from "hono";
import { z } from "zod";
import { JobId } from "#contract/ids.ts";
import { JobOrder, waitSecondsMax } from "#contract/jobs.ts";
import { parseRequest } from "#contract/parse.ts";
import { createJob } from "../../jobs/create-job.ts";
import { getJob } from "../../jobs/get-job.ts";
import { locateResult } from "../../jobs/locate-result.ts";
import { actorOf, type Env } from "../env.ts";

export type JobDoorNeeds = {
  createJob: Parameters<typeof createJob>[0];
  getJob: Parameters<typeof getJob>[0];
  /** Fires at shutdown: long polls answer at once. */
  stopping: AbortSignal;
};

const GetJobQuery = z.object({ wait: z.coerce.number().int().min(0).max(waitSecondsMax).default(0) });
const ResultParams = z.object({ id: JobId, n: z.coerce.number().int().min(0) });

export function jobDoors(app: Hono<Env>, needs: JobDoorNeeds): void {
  app.post("/v1/jobs", async (c) => {
    const order = parseRequest(JobOrder, await c.req.json());
    return c.json(await createJob(needs.createJob, actorOf(c).principal, order), 202);
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
