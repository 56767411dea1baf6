import type { MiddlewareHandler } from "hono";
import { Problem } from "#contract/problems.ts";
import type { AppEnv } from "../context.ts";
import type { Env } from "../env.ts";
import { callerOf, inRanges } from "./addresses.ts";

/** The period of the binding, in wrangler.toml. */
const retryAfterSeconds = 60;

/** What is asked of an address before anybody asks who is calling: the operators' lists, then its rate. */
export function addressGate({ IP_ALLOW, IP_DENY, ADDRESS_LIMITER }: Env): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const address = c.get("address");
    if (inRanges(address, IP_DENY)) throw new Problem("address-denied", undefined, { cause: "IP_DENY" });
    if (IP_ALLOW.length > 0 && !inRanges(address, IP_ALLOW)) throw new Problem("address-denied", undefined, { cause: "IP_ALLOW" });
    const limited = ADDRESS_LIMITER && !(await ADDRESS_LIMITER.limit({ key: callerOf(address) })).success;
    if (limited) throw new Problem("address-rate-limited", undefined, { retryAfterSeconds, policy: "address" });
    return next();
  };
}
