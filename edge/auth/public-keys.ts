import { callerOf } from "../caller.ts";
import type { EdgeContext } from "../context.ts";
import type { Env } from "../env.ts";
import { forward } from "../forward.ts";

const answerMs = 5_000;

/** The public keys of our own tokens, for whoever wants to verify them. */
export async function publicKeys(env: Env, c: EdgeContext): Promise<Response> {
  const answer = await forward(env, callerOf(c), { method: "GET", path: "/.well-known/jwks.json", timeoutMs: answerMs });
  answer.headers.set("cache-control", "public, max-age=60");
  return answer;
}
