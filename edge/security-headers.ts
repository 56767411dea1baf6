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
    // Hono's own c.header() would make a new Response each time.
    const { headers } = c.res;
    for (const [name, value] of Object.entries(always)) headers.set(name, value);
    if (!local) headers.set("Strict-Transport-Security", `max-age=${twoYearsSeconds}; includeSubDomains`);
  };
