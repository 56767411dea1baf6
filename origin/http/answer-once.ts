// How a door of a POST answers: once per Idempotency-Key.
import type { Context } from "hono";
import { routePath } from "hono/route";
import { IdempotencyKey, idempotencyKeyHeader, idempotentReplayedHeader } from "#contract/idempotency.ts";
import { Problem } from "#contract/problems.ts";
import { type Answer, type EffectAnswer, type IdempotencyNeeds, idempotent } from "../idempotency/idempotent.ts";
import { actorOf, type Env } from "./env.ts";

/**
 * `body`: the parsed request, without secrets. `effect` does its work with the transaction that it is given, and nothing else.
 * Who asks is part of the request: the kept answer may be a key or a token, and another credential of the account may have fewer rights.
 */
export async function answerOnce(
  c: Context<Env>,
  needs: IdempotencyNeeds,
  body: unknown,
  effect: (db: IdempotencyNeeds["db"]) => Promise<EffectAnswer>,
): Promise<Response> {
  const { principal } = actorOf(c);
  const payload = { by: [principal.subject, principal.key], path: c.req.path, body };
  const request = { principal, method: c.req.method, route: routePath(c), key: idempotencyKeyOf(c), payload };
  return answer(await idempotent(needs, request, effect));
}

export function idempotencyKeyOf(c: Context<Env>): string | undefined {
  const header = c.req.header(idempotencyKeyHeader);
  if (header === undefined) return undefined;
  const key = IdempotencyKey.safeParse(header);
  if (!key.success) throw new Problem("idempotency-key-invalid", `It ${key.error.issues[0]?.message}.`);
  return key.data;
}

export const answer = ({ status, body, replayed }: Answer & { replayed: boolean }): Response =>
  Response.json(body, { status, ...(replayed && { headers: { [idempotentReplayedHeader]: "true" } }) });
