import { eq } from "drizzle-orm";
import { type Scope, scopes, scopesOfRole } from "#contract/scopes.ts";
import type { Database } from "../db/database.ts";
import { users } from "../db/schema.ts";
import { memberships } from "./home-account.ts";
import { rolesOf } from "./roles.ts";

/** Whether a principal's subject is somebody of ours, and not a key or a foreign issuer's. */
export const isPerson = (subject: string): boolean => subject.startsWith("usr_");

/** What a person may do in an account as it is now; nothing for who is no member. */
export async function scopesNow(db: Database, userId: string, account: string): Promise<Scope[]> {
  const [person] = await db.select({ administrator: users.administrator }).from(users).where(eq(users.id, userId));
  const member = (await memberships(db, userId)).find((one) => one.account === account);
  return person && member ? scopesOf(member.role, person.administrator) : [];
}

export function scopesOf(role: string, administrator: boolean): Scope[] {
  const granted = new Set<Scope>(rolesOf(role).flatMap((name) => scopesOfRole[name]));
  if (administrator) granted.add("admin");
  return scopes.filter((scope) => granted.has(scope));
}
