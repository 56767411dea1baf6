// The edge as two lists: the order of middleware, and the routes.
import { type Handler, Hono } from "hono";
import { JobRequest, ResultLocation } from "#contract/jobs.ts";
import openapi from "#contract/openapi.gen.json" with { type: "json" };
import { parseRequest } from "#contract/parse.ts";
import { createJob, getJob, getResult } from "#contract/routes/jobs.ts";
import { getOpenapi, healthAll, healthLive, healthReady, listOperations } from "#contract/routes/service.ts";
import { createUpload as createUploadRoute } from "#contract/routes/uploads.ts";
import { UploadRequest } from "#contract/uploads.ts";
import { authenticate } from "./auth/authenticate.ts";
import type { AppEnv, EdgeContext } from "./context.ts";
import { cors } from "./cors.ts";
import type { Env } from "./env.ts";
import { type Caller, forward } from "./forward.ts";
import { health } from "./health.ts";
import { httpsOnly } from "./https.ts";
import { orderJob } from "./jobs/order-job.ts";
import { resultUrl } from "./jobs/result-url.ts";
import { jsonBody } from "./json-body.ts";
import { log } from "./log.ts";
import { noRoute } from "./no-route.ts";
import { describeOperations } from "./operations.ts";
import { writeProblem } from "./problem.ts";
import { requestId } from "./request-id.ts";
import { securityHeaders } from "./security-headers.ts";
import { createUpload } from "./uploads/create-upload.ts";

type Route = { method: string; getRoutingPath(): string };

const answerMs = 15_000;
const waitSlackMs = 10_000;

const traceparent = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

const callerOf = (c: EdgeContext): Caller => ({
  principal: c.var.principal,
  requestId: c.var.requestId,
  traceparent: traceparent.exec(c.req.header("traceparent") ?? "")?.[0],
});

export function createApp(env: Env): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const local = env.ENVIRONMENT === "local";
  const on = (route: Route, ...handlers: [Handler<AppEnv>, ...Handler<AppEnv>[]]) =>
    app.on(route.method.toUpperCase(), route.getRoutingPath(), ...handlers);

  app.onError(writeProblem);
  app.notFound(noRoute);

  app.use(requestId);
  app.use(log);
  app.use(securityHeaders(local));
  if (!local) app.use(httpsOnly);
  app.use(cors(env.CORS_ORIGINS));

  const authenticated = authenticate(env);

  on(createUploadRoute, authenticated, async (c) => {
    const request = parseRequest(UploadRequest, await jsonBody(c.req.raw));
    const ticket = await createUpload(env, c.var.principal, request, new Date());
    c.var.event.upload = ticket.id;
    return c.json(ticket, 201);
  });

  on(createJob, authenticated, async (c) => {
    const request = parseRequest(JobRequest, await jsonBody(c.req.raw));
    const order = await orderJob(env, c.var.principal, request);
    c.var.event.job = order.id;
    const answer = await forward(env, callerOf(c), { method: "POST", path: "/v1/jobs", body: order, timeoutMs: answerMs });
    answer.headers.set("location", `/v1/jobs/${order.id}`);
    return answer;
  });

  on(getJob, authenticated, async (c) => {
    const { id } = parseRequest(getJob.request.params, c.req.param());
    const { wait } = parseRequest(getJob.request.query, c.req.query());
    const path = wait === undefined ? (`/v1/jobs/${id}` as const) : (`/v1/jobs/${id}?wait=${wait}` as const);
    return forward(env, callerOf(c), { method: "GET", path, timeoutMs: (wait ?? 0) * 1000 + waitSlackMs });
  });

  on(getResult, authenticated, async (c) => {
    const { id, n } = parseRequest(getResult.request.params, c.req.param());
    const answer = await forward(env, callerOf(c), { method: "GET", path: `/v1/jobs/${id}/results/${n}`, timeoutMs: answerMs });
    const location = ResultLocation.parse(await answer.json());
    return c.redirect(await resultUrl(env, location, new Date()), 302);
  });

  on(listOperations, (c) => c.json({ data: describeOperations() }));
  on(getOpenapi, (c) => c.json(openapi));

  const ready: Handler<AppEnv> = async (c) => {
    const answer = await health(env);
    c.header("Cache-Control", "no-store");
    return c.json(answer, answer.status === "unavailable" ? 503 : 200);
  };
  on(healthLive, (c) => c.json({ status: "ok" }));
  on(healthReady, ready);
  on(healthAll, ready);

  return app;
}
