// The account that a person works in: each new person gets one of their own, unless an invitation waits for them.
import { and, asc, eq, gt, isNull, sql } from "drizzle-orm";
import { record } from "../audit/record.ts";
import { drawId } from "../caller.ts";
import type { Database } from "../db/database.ts";
import { accounts, invitations, members, users } from "../db/schema.ts";

export type SignUpRule = "open" | "invite" | "closed";

/** A person's first account, which is made when there should be one and is none. */
export async function homeAccount(db: Database, rule: SignUpRule, userId: string): Promise<string | undefined> {
  const [first] = await memberships(db, userId);
  if (first || rule !== "open") return first?.account;
  return db.transaction(async (tx) => {
    // One at a time: two sessions that begin at once make one account.
    const [person] = await tx.select().from(users).where(eq(users.id, userId)).for("update");
    if (!person?.emailVerified) return undefined;
    const [meanwhile] = await memberships(tx, userId);
    if (meanwhile) return meanwhile.account;
    if (await isInvited(tx, person.email)) return undefined;
    return makeAccountOf(tx, person);
  });
}

/** Within the caller's transaction. */
export async function makeAccountOf(db: Database, person: { id: string; name: string }): Promise<string> {
  const id = drawId("acc");
  await db.insert(accounts).values({ id, name: person.name, slug: id });
  await db.insert(members).values({ id: drawId("ath"), organizationId: id, userId: person.id, role: "owner" });
  await record(db, { person: person.id }, { action: "account.create", target: id, account: id, after: { tier: "free" } });
  return id;
}

export type Membership = { account: string; role: string };

/** Oldest first; suspended accounts too, deleted ones not. */
export function memberships(db: Database, userId: string): Promise<Membership[]> {
  return db
    .select({ account: members.organizationId, role: members.role })
    .from(members)
    .innerJoin(accounts, eq(accounts.id, members.organizationId))
    .where(and(eq(members.userId, userId), isNull(accounts.deletedAt)))
    .orderBy(asc(members.createdAt), asc(members.id));
}

export async function isInvited(db: Database, email: string): Promise<boolean> {
  const found = await db
    .select({ id: invitations.id })
    .from(invitations)
    .where(
      and(
        eq(sql`lower(${invitations.email})`, email.toLowerCase()),
        eq(invitations.status, "pending"),
        gt(invitations.expiresAt, sql`now()`),
      ),
    )
    .limit(1);
  return found.length > 0;
}
