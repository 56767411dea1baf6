import type { MiddlewareHandler } from "hono";
import { Problem } from "#contract/problems.ts";
import type { AppEnv } from "./context.ts";

/**
 * Refuses plain http. Readers are redirected; what carries a token or a body is refused by name, because it has already
 * crossed the network in the clear and a silent redirect would hide that.
 */
export const httpsOnly: MiddlewareHandler<AppEnv> = async (c, next) => {
  const url = new URL(c.req.url);
  if (url.protocol === "https:") return next();
  const reading = c.req.method === "GET" || c.req.method === "HEAD";
  if (!reading || c.req.header("authorization") !== undefined) throw new Problem("https-required");
  url.protocol = "https:";
  return c.redirect(url.href, 308);
};
