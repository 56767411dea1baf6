// The api's doors: parse, call a verb, answer. Only the edge is answered, but for health.
import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { Problem, problemBody, toProblem } from "#contract/problems.ts";
import type { Health } from "#contract/routes/service.ts";
import type { Database } from "../db/database.ts";
import type { NoteKeyUse } from "../keys/note-key-use.ts";
import type { Logger } from "../log.ts";
import { noteRefusal } from "../security-log.ts";
import { version } from "../version.ts";
import { administratorsOnly } from "./administrators-only.ts";
import { type AccountDoorNeeds, accountDoors } from "./doors/account.ts";
import { type AccountDataDoorNeeds, accountDataDoors } from "./doors/account-data.ts";
import { type AdminDoorNeeds, adminDoors } from "./doors/admin.ts";
import { type AdminHealthDoorNeeds, adminHealthDoors } from "./doors/admin-health.ts";
import { type AdminJobDoorNeeds, adminJobDoors } from "./doors/admin-jobs.ts";
import { type AuthDoorNeeds, authDoors } from "./doors/auth.ts";
import { type InternalDoorNeeds, internalDoors } from "./doors/internal.ts";
import { type JobDoorNeeds, jobDoors } from "./doors/jobs.ts";
import { type KeyDoorNeeds, keyDoors } from "./doors/keys.ts";
import { type QuarantineDoorNeeds, quarantineDoors } from "./doors/quarantine.ts";
import { type TierDoorNeeds, tierDoors } from "./doors/tiers.ts";
import { type UploadDoorNeeds, uploadDoors } from "./doors/uploads.ts";
import { usageDoors } from "./doors/usage.ts";
import type { Env } from "./env.ts";
import { verifyAssertion } from "./verify-assertion.ts";

type HealthNeeds = { log: Logger; health(): Promise<Health> };
type AssertedNeeds = HealthNeeds & { db: Database; edgeKeys: readonly Uint8Array[]; noteKeyUse: NoteKeyUse };
type Doors = JobDoorNeeds &
  UploadDoorNeeds &
  AdminJobDoorNeeds &
  QuarantineDoorNeeds &
  KeyDoorNeeds &
  AdminDoorNeeds &
  AdminHealthDoorNeeds &
  AccountDoorNeeds &
  TierDoorNeeds &
  InternalDoorNeeds &
  AccountDataDoorNeeds &
  AuthDoorNeeds;

const bodyBytesMax = 256 * 1024;

/** The doors of a process that only works: health. */
export function healthApp({ log, health }: HealthNeeds): Hono<Env> {
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    c.set("requestId", c.req.header("x-request-id") ?? "");
    await next();
  });
  app.onError(async (thrown, c) => {
    const problem = await withReadiness(toProblem(thrown), health);
    const requestId = c.get("requestId");
    log[problem.status >= 500 ? "error" : "info"](
      { request_id: requestId, path: c.req.path, problem: problem.code, err: problem.cause },
      "refused",
    );
    const { principal, address } = c.get("caller") ?? {};
    const who = principal && { account: principal.account, subject: principal.subject };
    noteRefusal(log, problem.code, { ...who, address, path: c.req.path, policy: problem.policy, request_id: requestId });
    return c.body(JSON.stringify(problemBody(problem, requestId || undefined)), problem.status as 500, {
      "content-type": "application/problem+json",
      ...(problem.retryAfterSeconds !== undefined && { "retry-after": `${problem.retryAfterSeconds}` }),
    }); // hono wants a literal
  });
  app.notFound(() => {
    throw new Problem("route-not-found");
  });
  app.get("/health/live", (c) => c.json({ status: "ok", version } satisfies Health));
  app.get("/health/ready", async (c) => {
    const found = await health();
    return c.json({ ...found, version }, found.status === "unavailable" ? 503 : 200);
  });
  return app;
}

/** What fails while Postgres or Redis is away is no fault of the request's, which may be repeated. */
async function withReadiness(problem: Problem, health: HealthNeeds["health"]): Promise<Problem> {
  if (problem.code !== "internal" || (await health()).status !== "unavailable") return problem;
  return new Problem("not-ready", undefined, { cause: problem.cause, retryAfterSeconds: 1 });
}

/** Everything but health is asserted by the edge, for exactly this request. */
const asserted = ({ edgeKeys, noteKeyUse }: AssertedNeeds): MiddlewareHandler<Env> => {
  return async (c, next) => {
    const url = new URL(c.req.url);
    const body = new Uint8Array(await c.req.arrayBuffer());
    const request = { method: c.req.method, pathAndQuery: url.pathname + url.search, header: (name: string) => c.req.header(name), body };
    const caller = await verifyAssertion(edgeKeys, request);
    c.set("caller", caller);
    c.set("body", body);
    noteKeyUse(caller);
    await next();
  };
};

/** An api that has no doors yet but health; whatever comes below /v1/admin is for those who operate the service. */
export function assertedApp(needs: AssertedNeeds): Hono<Env> {
  const app = healthApp(needs);
  const limit = bodyLimit({
    maxSize: bodyBytesMax,
    onError: () => {
      throw new Problem("body-too-large");
    },
  });
  app.use("*", limit, asserted(needs));
  app.use("/v1/admin/*", administratorsOnly(needs.db));
  return app;
}

export function apiApp(needs: AssertedNeeds & Doors): Hono<Env> {
  const app = assertedApp(needs);
  jobDoors(app, needs);
  uploadDoors(app, needs);
  adminJobDoors(app, needs);
  quarantineDoors(app, needs);
  keyDoors(app, needs);
  adminDoors(app, needs);
  adminHealthDoors(app, needs);
  accountDoors(app, needs);
  accountDataDoors(app, needs);
  authDoors(app, needs);
  tierDoors(app, needs);
  internalDoors(app, needs);
  usageDoors(app, needs);
  return app;
}
