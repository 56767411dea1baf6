import { and, eq, lt, type SQL, sql } from "drizzle-orm";
import type { Database } from "../db/database.ts";
import { invitations, members, sessions, users, verifications } from "../db/schema.ts";

const daysAgo = (days: number): SQL => sql`now() - make_interval(days => ${days})`;
/** How long an address that nobody confirmed is kept. */
const unconfirmedDays = 7;
const invitationDays = 30;

/** Sessions and links that hold no more, old invitations, and people who never confirmed their address. */
export async function forgetExpired(db: Database): Promise<void> {
  await db.delete(sessions).where(lt(sessions.expiresAt, sql`now()`));
  await db.delete(verifications).where(lt(verifications.expiresAt, sql`now()`));
  await db.delete(invitations).where(lt(invitations.expiresAt, daysAgo(invitationDays)));
  const belongs = db.select({ one: sql`1` }).from(members).where(eq(members.userId, users.id));
  await db
    .delete(users)
    .where(and(eq(users.emailVerified, false), lt(users.createdAt, daysAgo(unconfirmedDays)), sql`not exists ${belongs}`));
}
