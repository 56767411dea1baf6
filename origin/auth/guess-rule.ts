import { createHash } from "node:crypto";
import { APIError } from "better-auth/api";
import type { Attempts } from "./attempts.ts";

/** Enough for everybody who shares a forgotten password manager, and far too few to guess a password of twelve characters. */
export const guesses = { window: 3_600, max: 100 };

/** How often one person may be tried, from however many addresses. Known or not: the answer is the same. */
export async function guessRule(attempts: Attempts, email: string): Promise<void> {
  const whose = createHash("sha256").update(email.trim().toLowerCase()).digest("base64url");
  const { allowed, retryAfter } = await attempts.consume(`person:${whose}`, guesses);
  if (!allowed)
    throw new APIError("TOO_MANY_REQUESTS", { code: "TOO_MANY_GUESSES" }, { "x-retry-after": `${retryAfter ?? guesses.window}` });
}
