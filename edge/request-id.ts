import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "./context.ts";
import { randomId } from "./random-id.ts";

const acceptable = /^[\w-]{8,64}$/;

/** Takes over the caller's `X-Request-Id`, or makes one; it stands on every answer. */
export const requestId: MiddlewareHandler<AppEnv> = async (c, next) => {
  const sent = c.req.header("x-request-id");
  const id = sent !== undefined && acceptable.test(sent) ? sent : randomId("req");
  c.set("requestId", id);
  await next();
  c.res.headers.set("X-Request-Id", id);
};
