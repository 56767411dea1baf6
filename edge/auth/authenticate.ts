import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../context.ts";
import type { Env } from "../env.ts";
import { bearerToken } from "./bearer.ts";
import { issuerKeys } from "./keys.ts";
import { verifyToken } from "./verify-token.ts";

/** Lets only a valid token pass, and keeps every answer to it out of caches. */
export function authenticate(env: Env): MiddlewareHandler<AppEnv> {
  const keys = issuerKeys(env.JWT_JWKS);
  return async (c, next) => {
    const principal = await verifyToken(bearerToken(c.req.header("authorization")), keys, env, new Date());
    c.set("principal", principal);
    Object.assign(c.var.event, { account: principal.account, tier: principal.tier });
    await next();
    c.header("Cache-Control", "no-store");
  };
}
