// Sign-in and sessions live at the origin, under the same paths. Cookies count here and nowhere else.
import { Problem } from "#contract/problems.ts";
import type { EdgeContext } from "../context.ts";
import type { Env } from "../env.ts";
import { type Caller, listed, refusal, send } from "../forward.ts";
import { readBytes } from "../json-body.ts";
import { pathOf } from "../pass-on.ts";

const answerMs = 15_000;
const headersOn = [
  "accept",
  "content-type",
  "cookie",
  "origin",
  "referer",
  "sec-fetch-dest",
  "sec-fetch-mode",
  "sec-fetch-site",
  "user-agent",
];
const headersBack = ["content-type", "location", "retry-after"];

export async function proxyAuth(env: Env, c: EdgeContext, caller: Caller): Promise<Response> {
  const reading = c.req.method === "GET" || c.req.method === "HEAD";
  const body = reading ? undefined : await readBytes(c.req.raw);
  const response = await send(env, caller, {
    method: reading ? "GET" : c.req.method,
    path: pathOf(c),
    headers: Object.fromEntries(listed(c.req.raw.headers, headersOn)),
    body,
    timeoutMs: answerMs,
  });
  if (response.status >= 400) throw await authRefusal(response);
  const headers = new Headers(listed(response.headers, headersBack));
  for (const cookie of response.headers.getSetCookie()) headers.append("set-cookie", cookie);
  return new Response(response.body, { status: response.status, headers });
}

/** What the sign-in service refuses in its own words is still a problem of ours. */
async function authRefusal(response: Response): Promise<Problem> {
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("application/problem+json") || response.status >= 500) return refusal(response);
  await response.body?.cancel();
  return new Problem("auth-refused", undefined, { cause: `the sign-in service answered ${response.status}` });
}
