// The api's doors: parse, call a verb, answer. Only the edge is answered, but for health.
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import type { Principal } from "#contract/assertion.ts";
import { JobId } from "#contract/ids.ts";
import { JobOrder, waitSecondsMax } from "#contract/jobs.ts";
import { parseRequest } from "#contract/parse.ts";
import { Problem, problemBody, toProblem } from "#contract/problems.ts";
import type { Health } from "#contract/routes/service.ts";
import { createJob } from "../jobs/create-job.ts";
import { getJob } from "../jobs/get-job.ts";
import { locateResult } from "../jobs/locate-result.ts";
import type { Logger } from "../log.ts";
import { verifyAssertion } from "./verify-assertion.ts";

type Needs = {
  edgeKey: Uint8Array;
  log: Logger;
  createJob: Parameters<typeof createJob>[0];
  getJob: Parameters<typeof getJob>[0];
  health(): Promise<Health>;
  /** Fires at shutdown: long polls answer at once. */
  stopping: AbortSignal;
};
type Env = { Variables: { principal: Principal; requestId: string; body: Uint8Array } };

const bodyBytesMax = 256 * 1024;
const GetJobQuery = z.object({ wait: z.coerce.number().int().min(0).max(waitSecondsMax).default(0) });
const ResultParams = z.object({ id: JobId, n: z.coerce.number().int().min(0) });

/** The doors of a process that only works: health. */
export function healthApp({ log, health }: Pick<Needs, "log" | "health">): Hono<Env> {
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    c.set("requestId", c.req.header("x-request-id") ?? "");
    await next();
  });
  app.onError((thrown, c) => {
    const problem = toProblem(thrown);
    const requestId = c.get("requestId");
    log[problem.status >= 500 ? "error" : "info"](
      { request_id: requestId, path: c.req.path, problem: problem.code, err: problem.cause },
      "refused",
    );
    return c.body(JSON.stringify(problemBody(problem, requestId || undefined)), problem.status as 500, {
      "content-type": "application/problem+json",
    }); // hono wants a literal
  });
  app.notFound(() => {
    throw new Problem("route-not-found");
  });
  app.get("/health/live", (c) => c.json({ status: "ok" } satisfies Health));
  app.get("/health/ready", async (c) => {
    const found = await health();
    return c.json(found, found.status === "unavailable" ? 503 : 200);
  });
  return app;
}

export function apiApp(needs: Needs): Hono<Env> {
  const app = healthApp(needs);
  app.use(
    "/v1/*",
    bodyLimit({
      maxSize: bodyBytesMax,
      onError: () => {
        throw new Problem("body-too-large");
      },
    }),
    async (c, next) => {
      const url = new URL(c.req.url);
      const body = new Uint8Array(await c.req.arrayBuffer());
      const request = { method: c.req.method, pathAndQuery: url.pathname + url.search, header: (name: string) => c.req.header(name), body };
      c.set("principal", await verifyAssertion(needs.edgeKey, request));
      await next();
    },
  );

  app.post("/v1/jobs", async (c) => {
    const order = parseRequest(JobOrder, await c.req.json());
    return c.json(await createJob(needs.createJob, c.get("principal"), order), 202);
  });
  app.get("/v1/jobs/:id", async (c) => {
    const id = parseRequest(JobId, c.req.param("id"));
    const { wait } = parseRequest(GetJobQuery, c.req.query());
    return c.json(await getJob(needs.getJob, c.get("principal"), id, wait * 1_000, AbortSignal.any([c.req.raw.signal, needs.stopping])));
  });
  app.get("/v1/jobs/:id/results/:n", async (c) => {
    const { id, n } = parseRequest(ResultParams, c.req.param());
    return c.json(await locateResult(needs.getJob, c.get("principal"), id, n));
  });
  return app;
}
