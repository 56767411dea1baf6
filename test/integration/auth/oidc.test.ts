// Sign-in by OpenID Connect, against a provider that runs as a process of its own.
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { identities, members, users } from "#origin/db/schema.ts";
import type { Started } from "#test/support/start-part.ts";
import { type PeopleHouse, startPeopleHouse } from "./support/people-house.ts";
import { newEmail, person, refused } from "./support/person.ts";
import { signInByOidc, startOidc } from "./support/start-oidc.ts";

let house: PeopleHouse;
let oidc: Started & { variables: Record<string, string> };
beforeAll(async () => {
  oidc = await startOidc();
  house = await startPeopleHouse({ variables: oidc.variables });
});
beforeEach(() => house.restart({}));
afterAll(async () => {
  await house.stop();
  await oidc.stop();
});

const isKnown = async (email: string) => (await house.db.select().from(users).where(eq(users.email, email))).length > 0;

test("who comes from the provider has a confirmed address, an account and a token; coming again changes nothing", async () => {
  const olga = person(house, newEmail("olga"));
  const { authorization, ended } = await signInByOidc(olga);
  expect([ended.status, ended.headers.get("location")]).toEqual([302, "/home"]);
  expect(authorization.searchParams.get("code_challenge_method")).toBe("S256");
  expect(authorization.searchParams.get("nonce")).toBeTruthy();
  const { sub, account } = await olga.claims();
  const again = person(house, olga.email);
  await signInByOidc(again);
  expect(await again.claims()).toMatchObject({ sub, account });
  expect(await house.db.select().from(members).where(eq(members.userId, sub))).toHaveLength(1);
  const [identity] = await house.db.select().from(identities).where(eq(identities.userId, sub));
  expect(identity).toMatchObject({ providerId: "oidc", accountId: olga.email, password: null });
});

test("an address that the provider has not confirmed gets a mail, and no session", async () => {
  const olga = person(house, newEmail("unverified"));
  const { ended } = await signInByOidc(olga);
  expect(olga.cookies.has("trusty.session_token")).toBe(false);
  const error = new URL(ended.headers.get("location") ?? "");
  expect(await refused(await olga.ask("GET", error.pathname + error.search))).toBe("email-unverified");
  await olga.openLink();
  await signInByOidc(olga);
  expect((await olga.claims()).account).toMatch(/^acc_/);
});

test("a person who signed up with the same confirmed address is the same person; one who never confirmed it is not taken over", async () => {
  const ann = await person(house, newEmail("both")).arrive();
  const { sub } = await ann.claims();
  const olga = person(house, ann.email);
  await signInByOidc(olga);
  expect((await olga.claims()).sub).toBe(sub);

  const squatter = person(house, newEmail("squat"));
  await squatter.signUp();
  const owner = person(house, squatter.email);
  const { ended } = await signInByOidc(owner);
  expect(ended.headers.get("location")).toContain("error=account_not_linked");
  expect(owner.cookies.has("trusty.session_token")).toBe(false);
});

test("SIGNUP=closed closes this way in too, and the answer says so", async () => {
  await house.restart({ SIGNUP: "closed" });
  const olga = person(house, newEmail("late"));
  const { ended } = await signInByOidc(olga);
  const error = new URL(ended.headers.get("location") ?? "");
  expect(await refused(await olga.ask("GET", error.pathname + error.search))).toBe("sign-up-closed");
  expect(await isKnown(olga.email)).toBe(false);
  const told = await signInByOidc(olga, { more: { errorCallbackURL: "/sign-in" } });
  expect(told.ended.headers.get("location")).toBe("/sign-in?error=sign-up-closed&error_description=sign-up-closed");
});

test("SIGNUP=invite lets in who was invited", async () => {
  const ann = await person(house).arrive();
  const olga = person(house, newEmail("guest"));
  await ann.post("/organization/invite-member", { email: olga.email, role: "member" });
  await house.restart({ SIGNUP: "invite" });
  await signInByOidc(olga);
  expect(await isKnown(olga.email)).toBe(true);
  expect(await refused(await olga.get("/token"))).toBe("role-missing");
  const stranger = person(house, newEmail("stranger"));
  await signInByOidc(stranger);
  expect(await isKnown(stranger.email)).toBe(false);
});

test("a callback that another browser began, or with another state or code, signs nobody in", async () => {
  const changes: ((callback: URL) => URL)[] = [
    (callback) => new URL(callback.href.replace(/state=[^&]+/, "state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
    (callback) => new URL(callback.href.replace(/code=[^&]+/, "code=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
  ];
  for (const change of changes) {
    const eve = person(house, newEmail("eve"));
    const { ended } = await signInByOidc(eve, { change });
    expect(ended.headers.get("location") ?? "").toContain("error=");
    expect(eve.cookies.has("trusty.session_token")).toBe(false);
  }
  const olga = person(house, newEmail("olga"));
  let meant: URL | undefined;
  const keep = (callback: URL) => {
    meant = callback;
    return new URL("/api/auth/ok", callback);
  };
  await signInByOidc(olga, { change: keep });
  const victim = person(house);
  const ended = await victim.ask("GET", `${meant?.pathname}${meant?.search}`);
  expect(ended.headers.get("location") ?? "").toContain("error=");
  expect(victim.cookies.has("trusty.session_token")).toBe(false);
});

test("without a provider there is none to sign in with", async () => {
  await house.restart({ OIDC_ISSUER: "", OIDC_CLIENT_ID: "", OIDC_CLIENT_SECRET: "" });
  expect(await refused(await person(house).post("/sign-in/social", { provider: "oidc", callbackURL: "/home" }))).toBe("auth-refused");
});
