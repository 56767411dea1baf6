// An account's people: invitations, roles, and what each may do.
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { auditLog, members, users } from "#origin/db/schema.ts";
import { type PeopleHouse, startPeopleHouse } from "./support/people-house.ts";
import { type Browser, newEmail, person, refused } from "./support/person.ts";

let house: PeopleHouse;
beforeAll(async () => {
  house = await startPeopleHouse();
});
beforeEach(() => house.restart({}));
afterAll(() => house.stop());

const codeIn = (text: string): string => /\bath_[a-z2-7]{26}\b/.exec(text)?.[0] ?? "";

/** Invited, signed up, arrived, and the invitation accepted. */
async function joined(owner: Browser, role: string, name = role): Promise<Browser> {
  const guest = person(house, newEmail(name));
  expect((await owner.post("/organization/invite-member", { email: guest.email, role })).status).toBe(200);
  const invitationId = codeIn((await house.mail.nth(guest.email)).text);
  await guest.signUp();
  await guest.openLink(2);
  await guest.signIn();
  expect((await guest.post("/organization/accept-invitation", { invitationId })).status).toBe(200);
  return guest;
}
const memberId = async (browser: Browser, account: string) => {
  const found = await house.db
    .select({ id: members.id, account: members.organizationId })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(eq(users.email, browser.email));
  return found.find((row) => row.account === account)?.id;
};
const actions = async (account: string) =>
  (await house.db.select().from(auditLog).where(eq(auditLog.account, account)).orderBy(auditLog.seq)).map(({ action }) => action);

test("who comes by invitation works in the inviting account, with the scopes of their role, and makes no account of their own", async () => {
  const owner = await person(house, newEmail("owner")).arrive();
  const { account } = await owner.claims();
  const expected = {
    admin: "jobs:write jobs:read uploads:write usage:read keys:write hooks:write",
    member: "jobs:write jobs:read uploads:write usage:read",
    viewer: "jobs:read usage:read",
  };
  for (const [role, scope] of Object.entries(expected)) {
    const guest = await joined(owner, role);
    expect(await guest.claims()).toMatchObject({ account, scope });
    const { sub } = await guest.claims();
    expect(await house.db.select().from(members).where(eq(members.userId, sub))).toHaveLength(1);
  }
  expect((await actions(account)).filter((action) => action === "invitation.accept")).toHaveLength(3);
});

test("an invitation is for its address only, once, and can be taken back", async () => {
  const owner = await person(house, newEmail("owner")).arrive();
  const { account } = await owner.claims();
  const guest = person(house, newEmail("guest"));
  await owner.post("/organization/invite-member", { email: guest.email, role: "member" });
  const invitationId = codeIn((await house.mail.nth(guest.email)).text);
  const thief = await person(house, newEmail("thief")).arrive();
  expect(await refused(await thief.post("/organization/accept-invitation", { invitationId }))).toBe("role-missing");
  expect((await owner.post("/organization/cancel-invitation", { invitationId })).status).toBe(200);
  await guest.signUp();
  await guest.openLink(2);
  await guest.signIn();
  expect(await refused(await guest.post("/organization/accept-invitation", { invitationId }))).toBe("auth-refused");
  expect((await guest.claims()).account).not.toBe(account);
  expect(await actions(account)).toEqual(["account.create", "invitation.create", "invitation.cancel"]);
});

test("members and viewers manage nobody; an admin manages all but owners", async () => {
  const owner = await person(house, newEmail("owner")).arrive();
  const { account } = await owner.claims();
  const admin = await joined(owner, "admin");
  const member = await joined(owner, "member");
  const viewer = await joined(owner, "viewer");
  for (const small of [member, viewer]) {
    expect(await refused(await small.post("/organization/invite-member", { email: newEmail(), role: "viewer" }))).toBe("role-missing");
    expect(await refused(await small.post("/organization/remove-member", { memberIdOrEmail: admin.email }))).toBe("role-missing");
    expect(
      await refused(await small.post("/organization/update-member-role", { memberId: await memberId(small, account), role: "owner" })),
    ).toBe("role-missing");
    expect(await refused(await small.post("/organization/update", { data: { name: "Mine" } }))).toBe("role-missing");
  }
  expect(await refused(await admin.post("/organization/invite-member", { email: newEmail(), role: "owner" }))).toBe("role-missing");
  expect(
    await refused(await admin.post("/organization/update-member-role", { memberId: await memberId(admin, account), role: "owner" })),
  ).toBe("role-missing");
  expect((await admin.post("/organization/remove-member", { memberIdOrEmail: owner.email })).status).toBe(400);
  expect(await refused(await owner.post("/organization/invite-member", { email: newEmail(), role: "emperor" }))).toBe("auth-refused");

  expect((await admin.post("/organization/update-member-role", { memberId: await memberId(viewer, account), role: "member" })).status).toBe(
    200,
  );
  expect((await viewer.claims()).scope).toContain("jobs:write");
  expect((await admin.post("/organization/remove-member", { memberIdOrEmail: member.email })).status).toBe(200);
  expect(await refused(await member.get("/token"))).toBe("role-missing");
  expect((await viewer.post("/organization/leave", { organizationId: account })).status).toBe(200);
  expect(await refused(await viewer.get("/token"))).toBe("role-missing");
  expect(await refused(await owner.post("/organization/leave", { organizationId: account }))).toBe("auth-refused");

  const rows = await house.db.select().from(auditLog).where(eq(auditLog.account, account)).orderBy(auditLog.seq);
  const byAdmin = (await admin.claims()).sub;
  expect(rows.slice(-3).map(({ action, actor }) => [action, actor === byAdmin])).toEqual([
    ["member.change-role", true],
    ["member.remove", true],
    ["member.leave", false],
  ]);
  expect(rows.at(-1)?.address).toMatch(/^2001:db8:/);
});

test("an account cannot be ended, moved or doubled by its members, and its slug tells nothing", async () => {
  const owner = await person(house, newEmail("owner")).arrive();
  const { account } = await owner.claims();
  expect(await refused(await owner.post("/organization/delete", { organizationId: account }))).toBe("route-not-found");
  expect(await refused(await owner.post("/organization/create", { name: "Second", slug: "second" }))).toBe("role-missing");
  expect(await refused(await owner.post("/organization/check-slug", { slug: "acme" }))).toBe("route-not-found");
  expect(await refused(await owner.post("/organization/update", { data: { slug: "acme" } }))).toBe("auth-refused");
  expect((await owner.post("/organization/update", { data: { name: "Acme" } })).status).toBe(200);
  // The log outlives the account, and so holds no name.
  const [renamed] = await house.db.select().from(auditLog).where(eq(auditLog.action, "account.rename"));
  expect(renamed).toMatchObject({ account, target: account, before: null, after: null });
});

test("who belongs to several accounts chooses the one that tokens are for, and only among those", async () => {
  const owner = await person(house, newEmail("owner")).arrive();
  const { account: theirs } = await owner.claims();
  const ann = await person(house).arrive();
  const { account: own } = await ann.claims();
  await owner.post("/organization/invite-member", { email: ann.email, role: "viewer" });
  await ann.post("/organization/accept-invitation", { invitationId: codeIn((await house.mail.nth(ann.email, 2)).text) });
  expect(await ann.claims()).toMatchObject({ account: theirs, scope: "jobs:read usage:read" });
  await ann.post("/organization/set-active", { organizationId: own });
  expect((await ann.claims()).account).toBe(own);
  await house.connection.flushall();
  await ann.post("/organization/set-active", { organizationId: theirs });
  expect((await ann.claims()).account).toBe(theirs);
  const stranger = await person(house).arrive();
  expect(await refused(await ann.post("/organization/set-active", { organizationId: (await stranger.claims()).account }))).toBe(
    "role-missing",
  );
  expect((await ann.claims()).account).not.toBe((await stranger.claims()).account);
});

test("SIGNUP=invite takes who is invited, SIGNUP=closed nobody; who is in stays in", async () => {
  const owner = await person(house, newEmail("owner")).arrive();
  const guest = person(house, newEmail("guest"));
  await owner.post("/organization/invite-member", { email: guest.email.toUpperCase(), role: "member" });

  await house.restart({ SIGNUP: "closed" });
  expect(await refused(await guest.signUp())).toBe("sign-up-closed");
  await house.restart({ SIGNUP: "invite" });
  const stranger = person(house, newEmail("stranger"));
  expect(await refused(await stranger.signUp())).toBe("sign-up-closed");
  // Known and unknown addresses are refused alike.
  expect(await refused(await person(house, owner.email).signUp())).toBe("sign-up-closed");
  expect(await house.db.select().from(users).where(eq(users.email, stranger.email))).toHaveLength(0);
  expect((await guest.signUp()).status).toBe(200);
  expect((await guest.openLink(2)).status).toBe(200);
  expect((await guest.signIn()).status).toBe(200);
  expect((await owner.get("/token")).status).toBe(200);
});

test("a name in an invitation cannot bring a link or a line of its own into the mail", async () => {
  const eve = person(house, newEmail("eve"));
  await eve.post("/sign-up/email", { email: eve.email, password: eve.password, name: "Win\r\n\r\nhttps://evil.example/prize <b>now</b>" });
  await eve.openLink();
  await eve.signIn();
  const guest = newEmail("guest");
  await eve.post("/organization/invite-member", { email: guest, role: "member" });
  const { text, raw } = await house.mail.nth(guest);
  expect(text).not.toContain("evil.example");
  expect(raw).not.toContain("<b>now</b>");
  expect(z.string().parse(text.split("\n").find((line) => line.includes("invites you")))).toContain("Win");
});
