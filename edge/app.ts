// The edge as two lists: the order of middleware, and the routes.
import { type Handler, Hono } from "hono";
import { JobRequest, ResultLocation } from "#contract/jobs.ts";
import openapi from "#contract/openapi.gen.json" with { type: "json" };
import { routes } from "#contract/openapi.ts";
import { parseRequest } from "#contract/parse.ts";
import { listTiers } from "#contract/routes/accounts.ts";
import { createJob, getJob, getResult } from "#contract/routes/jobs.ts";
import { getOpenapi, healthAll, healthLive, healthReady, listOperations } from "#contract/routes/service.ts";
import type { Access } from "#contract/routes/shared.ts";
import { createUpload as createUploadRoute, deleteUpload } from "#contract/routes/uploads.ts";
import { UploadRequest } from "#contract/uploads.ts";
import { receivePush } from "./accounts/receive-push.ts";
import { address } from "./address.ts";
import { attempt } from "./attempt.ts";
import { guard } from "./auth/guard.ts";
import { proxyAuth } from "./auth/proxy.ts";
import { publicKeys } from "./auth/public-keys.ts";
import { callerOf } from "./caller.ts";
import type { AppEnv, EdgeContext } from "./context.ts";
import { cors } from "./cors.ts";
import type { Env } from "./env.ts";
import { type Caller, forward } from "./forward.ts";
import { health } from "./health.ts";
import { httpsOnly } from "./https.ts";
import { checkFeatures, ratePoliciesOf } from "./jobs/operations-wanted.ts";
import { resultUrl } from "./jobs/result-url.ts";
import { startJob } from "./jobs/start-job.ts";
import { jsonBody } from "./json-body.ts";
import { addressGate } from "./limits/address-gate.ts";
import { writeRates } from "./limits/write-rates.ts";
import { log } from "./log.ts";
import { noRoute } from "./no-route.ts";
import { noStore } from "./no-store.ts";
import { describeOperations } from "./operations.ts";
import { idempotencyHeaders, passOn } from "./pass-on.ts";
import { writeProblem } from "./problem.ts";
import { randomId } from "./random-id.ts";
import { requestId } from "./request-id.ts";
import { securityHeaders } from "./security-headers.ts";
import { checkSize } from "./uploads/check-size.ts";
import { createUpload } from "./uploads/create-upload.ts";
import { version } from "./version.ts";

type Route = { method: string; operationId: string; getRoutingPath(): string };
type ProtectedRoute = Route & { "x-access": Access };

const answerMs = 15_000;
const waitSlackMs = 10_000;

const isProtected = (route: Route): route is ProtectedRoute => "x-access" in route;

export function createApp(env: Env): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const local = env.ENVIRONMENT === "local";
  const { identify, admit } = guard(env);

  const on = (route: Route, handler: Handler<AppEnv>) => app.on(route.method.toUpperCase(), route.getRoutingPath(), handler);
  /** A route whose handler runs for callers that its access lets in. */
  const protect = (route: ProtectedRoute, handler: (c: EdgeContext, caller: Caller) => Promise<Response>) =>
    on(route, async (c) => {
      const { principal } = await admit(c, await identify(c), route["x-access"]);
      return handler(c, callerOf(c, principal));
    });

  app.onError(writeProblem);
  app.notFound(noRoute);

  app.use(requestId);
  app.use(log);
  app.use(securityHeaders(local));
  if (!local) app.use(httpsOnly);
  app.use(address);
  // Signed by the origin, whose one address must not be counted.
  app.post("/internal/accounts/:id", (c) => receivePush(env, c));
  app.use(cors(env.CORS_ORIGINS));
  app.use(addressGate(env));
  app.use(noStore);
  app.use(writeRates);

  on(createUploadRoute, async (c) => {
    const credential = await identify(c);
    const parsed = await attempt(async () => parseRequest(UploadRequest, await jsonBody(c.req.raw)));
    const id = randomId("upl");
    const wanted = "value" in parsed ? { upload: { id, bytes: parsed.value.size } } : {};
    const admitted = await admit(c, credential, createUploadRoute["x-access"], wanted);
    if ("fault" in parsed) throw parsed.fault;
    checkSize(parsed.value.size, admitted);
    c.var.event.upload = id;
    return c.json(await createUpload(env, admitted.principal.account, id, parsed.value, new Date()), 201);
  });

  on(createJob, async (c) => {
    const credential = await identify(c);
    const parsed = await attempt(async () => {
      const idempotency = idempotencyHeaders(c);
      return { idempotency, request: parseRequest(JobRequest, await jsonBody(c.req.raw)) };
    });
    const wanted = "value" in parsed ? { operations: ratePoliciesOf(parsed.value.request) } : {};
    const admitted = await admit(c, credential, createJob["x-access"], wanted);
    if ("fault" in parsed) throw parsed.fault;
    checkFeatures(parsed.value.request, admitted.features);
    const used = (uploads: string[]) => c.executionCtx.waitUntil(env.ACCOUNTS.getByName(credential.account).used(uploads));
    return startJob(env, callerOf(c, admitted.principal), admitted, parsed.value, used);
  });

  protect(getJob, async (c, caller) => {
    const { id } = parseRequest(getJob.request.params, c.req.param());
    const { wait } = parseRequest(getJob.request.query, c.req.query());
    const path = wait === undefined ? (`/v1/jobs/${id}` as const) : (`/v1/jobs/${id}?wait=${wait}` as const);
    return forward(env, caller, { method: "GET", path, timeoutMs: (wait ?? 0) * 1000 + waitSlackMs });
  });

  protect(getResult, async (c, caller) => {
    const { id, n } = parseRequest(getResult.request.params, c.req.param());
    const answer = await forward(env, caller, { method: "GET", path: `/v1/jobs/${id}/results/${n}`, timeoutMs: answerMs });
    const location = ResultLocation.parse(await answer.json());
    return c.redirect(await resultUrl(env, location, new Date()), 302);
  });

  protect(deleteUpload, async (c, caller) => {
    const { id } = parseRequest(deleteUpload.request.params, c.req.param());
    const answer = await forward(env, caller, { method: "DELETE", path: `/v1/uploads/${id}`, timeoutMs: answerMs });
    // Its bytes no longer count as announced.
    if (caller.principal) c.executionCtx.waitUntil(env.ACCOUNTS.getByName(caller.principal.account).used([id]));
    return answer;
  });

  on(listOperations, (c) => c.json({ data: describeOperations() }));
  on(getOpenapi, (c) => c.json(openapi));
  on(listTiers, (c) => forward(env, callerOf(c), { method: "GET", path: "/v1/tiers", timeoutMs: answerMs }));
  app.get("/.well-known/jwks.json", (c) => publicKeys(env, c));
  app.on(["GET", "POST"], "/api/auth/*", (c) => proxyAuth(env, c, callerOf(c)));

  const ready: Handler<AppEnv> = async (c) => {
    const answer = await health(env);
    c.header("Cache-Control", "no-store");
    return c.json(answer, answer.status === "unavailable" ? 503 : 200);
  };
  on(healthLive, async (c) => c.json({ status: "ok", version: await version() }));
  on(healthReady, ready);
  on(healthAll, ready);

  const handledHere: readonly Route[] = [createUploadRoute, createJob, getJob, getResult, deleteUpload];
  for (const route of routes as readonly Route[]) {
    if (isProtected(route) && !handledHere.includes(route)) protect(route, (c, caller) => passOn(env, c, caller, route));
  }

  return app;
}
