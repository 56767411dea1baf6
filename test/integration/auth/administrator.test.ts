import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { auditLog, members, users } from "#origin/db/schema.ts";
import { type PeopleHouse, startPeopleHouse } from "./support/people-house.ts";
import { goodPassword, newEmail, person, refused } from "./support/person.ts";

describe.each(["PGlite", "PostgreSQL"] as const)("the first administrator on %s", (kind) => {
  let house: PeopleHouse;
  const email = newEmail("ada");
  beforeAll(async () => {
    house = await startPeopleHouse({ kind, variables: { SIGNUP: "closed" } });
  });
  afterAll(() => house.stop());
  const administrators = () => house.db.select().from(users).where(eq(users.administrator, true));

  test("comes from the environment, can sign in at once, and has an account", async () => {
    expect(await administrators()).toHaveLength(0);
    await house.restart({ ADMIN_EMAIL: email.toUpperCase(), ADMIN_PASSWORD: goodPassword });
    const ada = person(house, email);
    expect((await ada.signIn()).status).toBe(200);
    const claims = await ada.claims();
    expect(claims.scope.split(" ")).toContain("admin");
    expect(await house.db.select().from(members).where(eq(members.userId, claims.sub))).toMatchObject([
      { role: "owner", organizationId: claims.account },
    ]);
    expect(await house.db.select().from(auditLog).where(eq(auditLog.target, claims.sub))).toMatchObject([
      { actor: "system", action: "administrator.create" },
    ]);
  });

  test("is made once: further starts, with the same or other variables, change nothing", async () => {
    await house.restart({ ADMIN_EMAIL: email, ADMIN_PASSWORD: "ein-anderes-Kennwort-2" });
    await house.restart({ ADMIN_EMAIL: newEmail("eve"), ADMIN_PASSWORD: "ein-anderes-Kennwort-2" });
    expect(await administrators()).toHaveLength(1);
    const ada = person(house, email);
    ada.password = "ein-anderes-Kennwort-2";
    expect(await refused(await ada.signIn())).toBe("sign-in-failed");
  });

  test("is one person also when several processes start at once", async () => {
    await house.db.update(users).set({ administrator: false });
    const other = newEmail("olga");
    await Promise.all(Array.from({ length: 4 }, () => house.startAnother({ ADMIN_EMAIL: other, ADMIN_PASSWORD: goodPassword })));
    expect((await administrators()).map((row) => row.email)).toEqual([other]);
  });

  test("takes the address over from whoever signed up with it before", async () => {
    await house.db.update(users).set({ administrator: false });
    await house.restart({ SIGNUP: "open" });
    const squatter = person(house, newEmail("boss"));
    squatter.password = "das-Kennwort-des-Besetzers";
    await squatter.arrive();
    await house.restart({ ADMIN_EMAIL: squatter.email, ADMIN_PASSWORD: goodPassword });
    expect(await refused(await squatter.get("/token"))).toBe("session-missing");
    expect(await refused(await squatter.signIn())).toBe("sign-in-failed");
    const boss = person(house, squatter.email);
    expect((await boss.signIn()).status).toBe(200);
    expect((await boss.claims()).scope).toContain("admin");
  });
});
