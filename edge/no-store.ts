import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "./context.ts";

/** What is answered to a credential or about a session stays out of caches. */
export const noStore: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  if (c.req.header("authorization") !== undefined || c.req.path.startsWith("/api/auth/")) c.res.headers.set("Cache-Control", "no-store");
};
