// A caller's request on its way to the origin and back, with listed headers in both directions.
import type { Principal } from "#contract/assertion.ts";
import { Problem, ProblemBody } from "#contract/problems.ts";
import type { ToOrigin } from "./env.ts";
import { fetchFromOrigin } from "./fetch-from-origin.ts";

export type Caller = { principal?: Principal; address: string; requestId: string; traceparent: string | undefined };

export type Forwarding = {
  method: string;
  path: `/${string}`;
  headers?: Record<string, string>;
  /** Bytes as they came, or a value that is sent as JSON. */
  body?: Uint8Array | Record<string, unknown> | undefined;
  timeoutMs: number;
};

const headersBack = ["content-type", "content-disposition", "location", "retry-after", "idempotent-replayed"];

/** The origin's answer when it is a success, with listed headers only; a Problem otherwise. */
export async function forward(env: ToOrigin, caller: Caller, request: Forwarding): Promise<Response> {
  const response = await send(env, caller, request);
  if (!response.ok) throw await refusal(response);
  return new Response(response.body, { status: response.status, headers: listed(response.headers, headersBack) });
}

export function send(
  env: ToOrigin,
  { principal, address, requestId, traceparent }: Caller,
  { method, path, headers = {}, body, timeoutMs }: Forwarding,
): Promise<Response> {
  const bytes = body === undefined || body instanceof Uint8Array ? body : JSON.stringify(body);
  return fetchFromOrigin(env, {
    method,
    path,
    principal,
    address,
    headers: {
      accept: "application/json",
      ...(bytes !== undefined && { "content-type": "application/json" }),
      ...headers,
      "x-request-id": requestId,
      ...(traceparent !== undefined && { traceparent }),
    },
    body: bytes,
    timeoutMs,
  });
}

export const listed = (headers: Headers, names: readonly string[]): [string, string][] =>
  names.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as [string, string]];
  });

/** A problem of the origin's is the caller's, except that the caller is not to blame for an assertion. */
export async function refusal(response: Response): Promise<Problem> {
  const unavailable = (cause: string) => new Problem("origin-unavailable", undefined, { cause });
  if (!response.headers.get("content-type")?.startsWith("application/problem+json")) {
    await response.body?.cancel();
    return unavailable(`the origin answered ${response.status} without a problem`);
  }
  const body = ProblemBody.safeParse(await response.json().catch(() => undefined));
  if (!body.success) return unavailable(`the origin answered ${response.status} with a problem that the contract does not know`);
  const { code, detail, errors, policy } = body.data;
  if (code === "assertion-invalid") return new Problem("internal", undefined, { cause: `assertion-invalid: ${detail ?? ""}` });
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return new Problem(code, detail, {
    ...(errors && { errors }),
    ...(policy !== undefined && { policy }),
    ...(Number.isInteger(seconds) && { retryAfterSeconds: seconds }),
    cause: "answered by the origin",
  });
}
