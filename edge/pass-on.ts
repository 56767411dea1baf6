import { IdempotencyKey, idempotencyKeyHeader } from "#contract/idempotency.ts";
import { Problem } from "#contract/problems.ts";
import { adminDeleteAccount, deleteAccount, exportAccount } from "#contract/routes/account-data.ts";
import type { EdgeContext } from "./context.ts";
import type { Env } from "./env.ts";
import { type Caller, forward, listed } from "./forward.ts";
import { readBytes, requireJson } from "./json-body.ts";

const usualMs = 15_000;
/** Reads or removes all that an account has, file by file. */
const longMs = 600_000;
const long: readonly string[] = [exportAccount, deleteAccount, adminDeleteAccount].map(({ operationId }) => operationId);
const pathCharactersMax = 4_096;

/** The header that makes a repeat harmless, as it was sent; none where there is none. */
export function idempotencyHeaders(c: EdgeContext): Record<string, string> {
  const sent = c.req.header(idempotencyKeyHeader);
  if (sent === undefined) return {};
  const parsed = IdempotencyKey.safeParse(sent);
  if (parsed.success) return { [idempotencyKeyHeader]: sent };
  throw new Problem("idempotency-key-invalid", `The header ${parsed.error.issues[0]?.message}.`);
}

/** Path and query as the origin will see them. */
export function pathOf(c: EdgeContext): `/${string}` {
  const { pathname, search } = new URL(c.req.url);
  const path = `${pathname}${search}` as `/${string}`; // a URL's path begins with a slash
  if (path.length > pathCharactersMax) throw new Problem("request-invalid", `An address has at most ${pathCharactersMax} characters.`);
  return path;
}

type Passed = { method: string; operationId: string };

/** A request that is the origin's to understand. */
export async function passOn(env: Env, c: EdgeContext, caller: Caller, route: Passed): Promise<Response> {
  const method = route.method.toUpperCase();
  const body = method === "GET" ? new Uint8Array() : await readBytes(c.req.raw);
  if (body.length > 0) requireJson(c.req.raw);
  return forward(env, caller, {
    method,
    path: pathOf(c),
    headers: { ...Object.fromEntries(listed(c.req.raw.headers, ["accept"])), ...(method === "POST" && idempotencyHeaders(c)) },
    body: body.length > 0 ? body : undefined,
    timeoutMs: long.includes(route.operationId) ? longMs : usualMs,
  });
}
