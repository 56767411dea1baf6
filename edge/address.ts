import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "./context.ts";

/** Cloudflare sets the header, and lets no caller do so. */
export const address: MiddlewareHandler<AppEnv> = async (c, next) => {
  c.set("address", (c.req.header("cf-connecting-ip") ?? "unknown").slice(0, 64));
  await next();
};
