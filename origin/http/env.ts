// What travels with a request through the api's doors.
import type { Context } from "hono";
import type { Caller } from "#contract/assertion.ts";
import { Problem } from "#contract/problems.ts";
import type { Actor } from "../caller.ts";

export type Env = { Variables: { requestId: string; caller: Caller; body: Uint8Array } };

/** The caller of a door that needs one. */
export function actorOf(c: Context<Env>): Actor {
  const { principal, address } = c.get("caller");
  if (!principal) throw new Problem("assertion-invalid", undefined, { cause: new Error("the assertion names no principal") });
  return { principal, address, requestId: c.get("requestId") };
}
