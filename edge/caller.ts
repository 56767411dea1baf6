import type { Principal } from "#contract/assertion.ts";
import type { EdgeContext } from "./context.ts";
import type { Caller } from "./forward.ts";

const traceparent = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** Who is behind a request that is forwarded. */
export const callerOf = (c: EdgeContext, principal?: Principal): Caller => ({
  ...(principal && { principal }),
  address: c.get("address"),
  requestId: c.get("requestId"),
  traceparent: traceparent.exec(c.req.header("traceparent") ?? "")?.[0],
});
