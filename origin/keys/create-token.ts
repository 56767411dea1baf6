import type { z } from "zod";
import type { Principal } from "#contract/assertion.ts";
import { Problem } from "#contract/problems.ts";
import type { AccessToken } from "#contract/routes/accounts.ts";
import type { IssueToken } from "../auth/issue-token.ts";
import type { Database } from "../db/database.ts";
import { findGoodKey } from "./store.ts";

/** A token that was made for a key must not pass for the key itself, or it could renew itself for ever. */
const subjectOf = (key: string) => `token:${key}`;

/** A short-lived token with the rights of the key that asks. It ends with the key, wherever it is checked. */
export async function createToken(
  { db, issueToken }: { db: Database; issueToken: IssueToken },
  principal: Principal,
): Promise<z.output<typeof AccessToken>> {
  const { key, subject, account, scopes, livemode } = principal;
  if (key === undefined || subject !== key)
    throw new Problem("scope-missing", "Tokens are made for API keys, by the key itself. Who is signed in has one at /api/auth/token.");
  if (!(await findGoodKey(db, principal, key))) throw new Problem("key-invalid");
  const { token, expiresInSeconds } = await issueToken({ account, subject: subjectOf(key), scopes, livemode, key });
  return { access_token: token, token_type: "Bearer", expires_in: expiresInSeconds };
}
