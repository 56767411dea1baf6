// The only way to the origin: every request asserted, bounded in time, without following redirects.
import { assertionHeader, type Principal } from "#contract/assertion.ts";
import { Problem } from "#contract/problems.ts";
import { assert, sha256Hex } from "./assert.ts";
import type { ToOrigin } from "./env.ts";

export type OriginRequest = {
  method: string;
  path: `/${string}`;
  /** Without them the edge itself is asking. */
  principal?: Principal | undefined;
  address?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array | undefined;
  timeoutMs: number;
};

const edgeItself = "edge";
const sha256OfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

export async function fetchFromOrigin(
  env: ToOrigin,
  { method, path, principal, address = edgeItself, headers = {}, body, timeoutMs }: OriginRequest,
): Promise<Response> {
  const digest = body === undefined ? sha256OfNothing : await sha256Hex(body);
  const assertion = await assert({ ...(principal && { principal }), address, method, path, body_sha256: digest }, env.EDGE_KEY, new Date());
  const signal = AbortSignal.timeout(timeoutMs);
  const sent = {
    method,
    headers: { ...headers, [assertionHeader]: assertion },
    redirect: "manual" as const,
    signal,
    ...(body !== undefined && { body }),
  };
  return doorOf(env)(`${env.ORIGIN_URL}${path}`, sent).catch((cause: unknown) => {
    throw new Problem(signal.aborted ? "origin-timeout" : "origin-unavailable", undefined, { cause });
  });
}

/** Through the client certificate, where there is one. */
export const doorOf = ({ ORIGIN_MTLS: certificate }: Pick<ToOrigin, "ORIGIN_MTLS">): typeof fetch =>
  certificate ? (...request) => certificate.fetch(...request) : fetch;
