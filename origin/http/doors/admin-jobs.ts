import type { Hono } from "hono";
import { JobId } from "#contract/ids.ts";
import type { Lane } from "#contract/operation.ts";
import { lanes } from "#contract/operation.ts";
import { parseRequest } from "#contract/parse.ts";
import { AdminJobsQuery } from "#contract/routes/admin.ts";
import type { IdempotencyNeeds } from "../../idempotency/idempotent.ts";
import { listAllJobs } from "../../jobs/list-all-jobs.ts";
import { retryJob } from "../../jobs/retry-job.ts";
import { answerOnce } from "../answer-once.ts";
import { actorOf, type Env } from "../env.ts";

export type AdminJobDoorNeeds = IdempotencyNeeds & { createJob: { wake(lane: Lane): void } };

export function adminJobDoors(app: Hono<Env>, needs: AdminJobDoorNeeds): void {
  const { wake } = needs.createJob;

  app.get("/v1/admin/jobs", async (c) => c.json(await listAllJobs(needs, parseRequest(AdminJobsQuery, c.req.query()))));
  app.post("/v1/admin/jobs/:id/retry", (c) => {
    const actor = actorOf(c);
    const id = parseRequest(JobId, c.req.param("id"));
    const afterwards = () => lanes.forEach(wake);
    return answerOnce(c, needs, {}, async (db) => ({ status: 202, body: await retryJob({ db, now: new Date() }, actor, id), afterwards }));
  });
}
