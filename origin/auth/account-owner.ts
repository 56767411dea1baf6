import { and, desc, eq } from "drizzle-orm";
import type { AccountDeletion } from "#contract/account-data.ts";
import type { Principal } from "#contract/assertion.ts";
import { Problem } from "#contract/problems.ts";
import type { Database } from "../db/database.ts";
import { identities, sessions } from "../db/schema.ts";
import type { Auth, Passwords } from "./auth.ts";
import { memberships } from "./home-account.ts";
import { rolesOf } from "./roles.ts";

/** Who signed in so recently needs no password to confirm. */
const freshMs = 10 * 60_000;

/** Refuses everybody but a person who owns the account now: a key is nobody, and a token may be older than the role. */
export async function requireOwner(db: Database, { account, subject, key, livemode }: Principal): Promise<void> {
  const owns = async () =>
    (await memberships(db, subject)).some((member) => member.account === account && rolesOf(member.role).includes("owner"));
  if (key !== undefined || !livemode || !(await owns()))
    throw new Problem("role-missing", "Only an owner may do this, with a token of a session.");
}

type Needs = { db: Database; verifyPassword: Passwords["verify"]; mayConfirm: Auth["mayConfirm"] };

/** An owner says it again, with what a stolen token does not know. */
export async function requireConfirmation(
  { db, verifyPassword, mayConfirm }: Needs,
  { account, subject }: Principal,
  { confirm, password }: AccountDeletion,
): Promise<void> {
  const refuse = (detail: string) => new Problem("deletion-unconfirmed", detail);
  if (confirm !== account) throw refuse("`confirm` must be the id of the account.");
  const [identity] = await db
    .select({ hash: identities.password })
    .from(identities)
    .where(and(eq(identities.userId, subject), eq(identities.providerId, "credential")));
  if (identity?.hash) {
    const wrong = refuse("`password` must be your password.");
    if (password === undefined) throw wrong;
    const { allowed, retryAfter } = await mayConfirm(subject);
    if (!allowed) throw new Problem("sign-in-throttled", undefined, { retryAfterSeconds: retryAfter ?? 60 });
    if (!(await verifyPassword({ hash: identity.hash, password }))) throw wrong;
    return;
  }
  const [newest] = await db
    .select({ at: sessions.createdAt })
    .from(sessions)
    .where(eq(sessions.userId, subject))
    .orderBy(desc(sessions.createdAt))
    .limit(1);
  if (!newest || Date.now() - newest.at.getTime() > freshMs)
    throw refuse("Sign in again first, and delete the account within ten minutes.");
}
