import { eq, sql } from "drizzle-orm";
import { record } from "../audit/record.ts";
import { drawId } from "../caller.ts";
import type { Database } from "../db/database.ts";
import { identities, sessions, users } from "../db/schema.ts";
import { makeAccountOf } from "./home-account.ts";

type Wanted = { email: string | undefined; password: string | undefined };
type Needs = { db: Database; hash(password: string): Promise<string>; forgetSessions(tokens: readonly string[]): Promise<void> };

/** One process at a time. The number is arbitrary and ours. */
const lock = 7_236_004;

/** Makes the person that ADMIN_EMAIL names an administrator, while there is none. Any number of times. */
export async function firstAdministrator({ db, hash, forgetSessions }: Needs, { email, password }: Wanted): Promise<void> {
  if (email === undefined || password === undefined) return;
  const isOne = () => db.select({ id: users.id }).from(users).where(eq(users.administrator, true)).limit(1);
  if ((await isOne()).length > 0) return;
  const hashed = await hash(password);

  const ended = await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${lock})`);
    const [other] = await tx.select({ id: users.id }).from(users).where(eq(users.administrator, true)).limit(1);
    if (other) return [];
    const address = email.toLowerCase();
    const [known] = await tx.select().from(users).where(eq(users.email, address)).for("update");
    const id = known?.id ?? drawId("usr");
    if (known) {
      await tx.update(users).set({ administrator: true, emailVerified: true }).where(eq(users.id, id));
    } else {
      const person = { id, name: "Administrator" };
      await tx.insert(users).values({ ...person, email: address, emailVerified: true, administrator: true });
      await makeAccountOf(tx, person);
    }
    // Whoever took the address before must not become an administrator with it.
    await tx.delete(identities).where(eq(identities.userId, id));
    const tokens = await tx.delete(sessions).where(eq(sessions.userId, id)).returning({ token: sessions.token });
    await tx.insert(identities).values({ id: drawId("ath"), accountId: id, providerId: "credential", userId: id, password: hashed });
    await record(tx, "system", { action: "administrator.create", target: id });
    return tokens.map(({ token }) => token);
  });
  await forgetSessions(ended);
}
