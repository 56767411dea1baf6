import type { MiddlewareHandler } from "hono";
import { cors as honoCors } from "hono/cors";
import type { AppEnv } from "./context.ts";
import { rateHeaderNames } from "./limits/rate-headers.ts";

/** Answers browsers of exactly the listed origins. No cookies are used here, so no credentials are allowed. */
export function cors(origins: string[]): MiddlewareHandler<AppEnv> {
  const allow = honoCors({
    origin: origins,
    allowMethods: ["GET", "POST", "PATCH", "DELETE"],
    allowHeaders: ["Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id"],
    exposeHeaders: ["X-Request-Id", "Location", "Retry-After", "Idempotent-Replayed", "Content-Disposition", ...rateHeaderNames],
    maxAge: 600,
  });
  return (c, next) => {
    const origin = c.req.header("origin");
    return origin !== undefined && origins.includes(origin) ? allow(c, next) : next();
  };
}
