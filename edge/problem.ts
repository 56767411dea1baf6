// The only place of the edge that writes a failure.
import { type Problem, problemBody, toProblem } from "#contract/problems.ts";
import type { EdgeContext } from "./context.ts";
import { securityEvent } from "./security-event.ts";

/** RFC 6750: a request without a token learns only that one is needed. */
function challenge(problem: Problem): string {
  if (problem.code === "token-missing") return 'Bearer realm="trustyconvert"';
  return `Bearer realm="trustyconvert", error="invalid_token", error_description="${problemBody(problem).title}"`;
}

/** The private cause, for the log: never more than a line, never a stack. */
export function describeCause(cause: unknown): string | undefined {
  if (cause === undefined) return undefined;
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return text.replace(/\s+/g, " ").slice(0, 400);
}

export function writeProblem(thrown: unknown, c: EdgeContext): Response {
  const problem = toProblem(thrown);
  const body = problemBody(problem, c.var.requestId);
  Object.assign(c.var.event, { problem: problem.code, cause: describeCause(problem.cause), ...securityEvent(problem.code) });
  if (problem.status === 401) c.header("WWW-Authenticate", challenge(problem));
  if (problem.retryAfterSeconds !== undefined) c.header("Retry-After", `${problem.retryAfterSeconds}`);
  c.header("Cache-Control", "no-store");
  c.header("Content-Type", "application/problem+json");
  return new Response(JSON.stringify(body), { status: body.status, headers: c.res.headers });
}
