// One line of JSON per request. Queries are left out: they are the place where secrets travel.
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "./context.ts";

export const log: MiddlewareHandler<AppEnv> = async (c, next) => {
  const startedMs = Date.now();
  c.set("event", {});
  await next();
  const { status } = c.res;
  console.log(
    JSON.stringify({
      time: new Date(startedMs).toISOString(),
      level: status >= 500 ? "error" : "info",
      message: "request",
      request_id: c.get("requestId"),
      method: c.req.method,
      path: c.req.path.slice(0, 200),
      status,
      duration_ms: Date.now() - startedMs,
      ...c.get("event"),
    }),
  );
};
