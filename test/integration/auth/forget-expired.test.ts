import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { forgetExpired } from "#origin/auth/forget-expired.ts";
import { identities, sessions, users, verifications } from "#origin/db/schema.ts";
import { type PeopleHouse, startPeopleHouse } from "./support/people-house.ts";
import { newEmail, person } from "./support/person.ts";

describe.each(["PGlite", "PostgreSQL"] as const)("what has expired is forgotten, on %s", (kind) => {
  let house: PeopleHouse;
  beforeAll(async () => {
    house = await startPeopleHouse({ kind });
  });
  afterAll(() => house.stop());

  const idOf = async (email: string) => (await house.db.select({ id: users.id }).from(users).where(eq(users.email, email)))[0]?.id;

  test("sessions and links that hold no more go, the others stay", async () => {
    const ann = await person(house).arrive();
    const phone = person(house, ann.email);
    await phone.signIn();
    await ann.post("/request-password-reset", { email: ann.email });
    const [first] = await house.db.select().from(sessions);
    await house.db
      .update(sessions)
      .set({ expiresAt: new Date(Date.now() - 1_000) })
      .where(eq(sessions.id, first?.id ?? ""));
    await forgetExpired(house.db);
    expect(await house.db.select().from(sessions)).toHaveLength(1);
    expect(await house.db.select().from(verifications)).toHaveLength(1);
    await house.db.update(verifications).set({ expiresAt: new Date(Date.now() - 1_000) });
    await forgetExpired(house.db);
    expect(await house.db.select().from(verifications)).toHaveLength(0);
  });

  test("who never confirmed an address is forgotten after a week, and may come again", async () => {
    const ann = await person(house).arrive();
    const [never, young] = [person(house, newEmail("never")), person(house, newEmail("young"))];
    await never.signUp();
    await young.signUp();
    const eightDaysAgo = new Date(Date.now() - 8 * 86_400_000);
    for (const { email } of [ann, never]) await house.db.update(users).set({ createdAt: eightDaysAgo }).where(eq(users.email, email));
    const id = (await idOf(never.email)) ?? "";
    await forgetExpired(house.db);
    expect(await idOf(never.email)).toBeUndefined();
    expect(await house.db.select().from(identities).where(eq(identities.userId, id))).toEqual([]);
    expect(await idOf(ann.email)).toBeDefined();
    expect(await idOf(young.email)).toBeDefined();
    await never.signUp();
    await never.openLink(2);
    expect((await never.signIn()).status).toBe(200);
  });
});
