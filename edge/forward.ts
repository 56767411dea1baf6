// The only way to the origin for a caller's request: asserted, bounded in time, with listed headers in both directions.
import { assertionHeader, type Principal } from "#contract/assertion.ts";
import { Problem, ProblemBody } from "#contract/problems.ts";
import { assert, sha256Hex } from "./assert.ts";
import type { Env } from "./env.ts";

export type Caller = { principal: Principal; requestId: string; traceparent: string | undefined };

type Forwarding = { method: "GET" | "POST"; path: `/${string}`; body?: unknown; timeoutMs: number };

const headersBack = ["content-type", "retry-after"];

/** The origin's answer when it is a success, with listed headers only; a Problem otherwise. */
export async function forward(
  env: Pick<Env, "ORIGIN_URL" | "EDGE_KEY">,
  { principal, requestId, traceparent }: Caller,
  { method, path, body, timeoutMs }: Forwarding,
): Promise<Response> {
  const text = body === undefined ? "" : JSON.stringify(body);
  const assertion = await assert({ ...principal, method, path, body_sha256: await sha256Hex(text) }, env.EDGE_KEY, new Date());
  const headers = new Headers({ accept: "application/json", "x-request-id": requestId, [assertionHeader]: assertion });
  if (body !== undefined) headers.set("content-type", "application/json");
  if (traceparent !== undefined) headers.set("traceparent", traceparent);

  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(`${env.ORIGIN_URL}${path}`, {
    method,
    headers,
    redirect: "manual",
    signal,
    ...(body !== undefined && { body: text }),
  }).catch((cause: unknown) => {
    throw new Problem(signal.aborted ? "origin-timeout" : "origin-unavailable", undefined, { cause });
  });
  if (!response.ok) throw await refusal(response);
  const kept = headersBack.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value] as [string, string]];
  });
  return new Response(response.body, { status: response.status, headers: kept });
}

/** A problem of the origin's is the caller's, except that the caller is not to blame for an assertion. */
async function refusal(response: Response): Promise<Problem> {
  const unavailable = (cause: string) => new Problem("origin-unavailable", undefined, { cause });
  if (!response.headers.get("content-type")?.startsWith("application/problem+json")) {
    await response.body?.cancel();
    return unavailable(`the origin answered ${response.status} without a problem`);
  }
  const body = ProblemBody.safeParse(await response.json().catch(() => undefined));
  if (!body.success) return unavailable(`the origin answered ${response.status} with a problem that the contract does not know`);
  const { code, detail, errors } = body.data;
  if (code === "assertion-invalid") return new Problem("internal", undefined, { cause: `assertion-invalid: ${detail ?? ""}` });
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return new Problem(code, detail, {
    ...(errors && { errors }),
    ...(Number.isInteger(seconds) && { retryAfterSeconds: seconds }),
    cause: "answered by the origin",
  });
}
