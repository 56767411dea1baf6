import { eq } from "drizzle-orm";
import { Problem } from "#contract/problems.ts";
import type { Database } from "../db/database.ts";
import { users } from "../db/schema.ts";
import { memberships } from "./home-account.ts";
import type { IssuedToken, IssueToken } from "./issue-token.ts";
import { scopesOf } from "./scopes-now.ts";

type Needs = { db: Database; issueToken: IssueToken };
type Session = { userId: string; activeOrganizationId?: string | null | undefined };

/** A token for the account that the session works in, with the rights of the person's role there as it is now. */
export async function sessionToken({ db, issueToken }: Needs, { userId, activeOrganizationId }: Session): Promise<IssuedToken> {
  const [person] = await db.select().from(users).where(eq(users.id, userId));
  if (!person) throw new Problem("session-missing");
  if (!person.emailVerified) throw new Problem("email-unverified", "Open the link in the mail that was sent to you.");
  const all = await memberships(db, userId);
  const chosen = all.find(({ account }) => account === activeOrganizationId) ?? all[0];
  if (!chosen) throw new Problem("role-missing", "You belong to no account. Accept an invitation, or make an account.");
  const granted = scopesOf(chosen.role, person.administrator);
  return issueToken({ account: chosen.account, subject: userId, scopes: granted, livemode: true });
}
