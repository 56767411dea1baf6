import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../context.ts";
import { rateHeaders } from "./rate-headers.ts";

/** Every answer to somebody who is known says how their rates stand. */
export const writeRates: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(rateHeaders(c.get("rates") ?? []))) c.res.headers.set(name, value);
};
