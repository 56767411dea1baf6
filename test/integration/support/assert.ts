// Speaks to the origin's doors as the edge does: every request is asserted.
import { assertionHeader, type Principal } from "#contract/assertion.ts";
import { assert, sha256Hex } from "#edge/assert.ts";

type Options = {
  edgeKey: string;
  /** An app's `fetch`, or the global one with an `origin`. */
  fetch(request: Request): Response | Promise<Response>;
  origin?: string;
};
type More = { address?: string; headers?: Record<string, string> };
type Method = "GET" | "POST" | "PATCH" | "DELETE";

export type Asserted = (principal: Principal | undefined, method: Method, path: string, body?: unknown, more?: More) => Promise<Response>;

export function asserted({ edgeKey, fetch, origin = "http://origin" }: Options): Asserted {
  return async (principal, method, path, body, { address = "192.0.2.7", headers = {} } = {}) => {
    const text = body === undefined ? "" : JSON.stringify(body);
    const claims = { ...(principal && { principal }), address, method, path, body_sha256: await sha256Hex(text) };
    const assertion = await assert(claims, edgeKey, new Date());
    const all = { "content-type": "application/json", "x-request-id": "req_test", ...headers, [assertionHeader]: assertion };
    return fetch(new Request(`${origin}${path}`, { method, headers: all, ...(text !== "" && { body: text }) }));
  };
}

export const principalOf = (account: string, changes: Partial<Principal> = {}): Principal => ({
  account,
  tier: "free",
  subject: "ann",
  scopes: ["jobs:read", "jobs:write", "usage:read", "keys:write"],
  livemode: true,
  ...changes,
});

export const administrator = principalOf("operator", { subject: "ada", scopes: ["admin"] });
