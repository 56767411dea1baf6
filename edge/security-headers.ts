import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "./context.ts";

const always: Record<string, string> = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
};
const twoYearsSeconds = 63_072_000;

export const securityHeaders =
  (local: boolean): MiddlewareHandler<AppEnv> =>
  async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(always)) c.header(name, value);
    if (!local) c.header("Strict-Transport-Security", `max-age=${twoYearsSeconds}; includeSubDomains`);
  };
