// Whether an address is known here cannot be read off an answer, nor off the work that it took.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PeopleHouse, startPeopleHouse } from "./support/people-house.ts";
import { type Browser, newEmail, person } from "./support/person.ts";

let house: PeopleHouse;
let known: Browser;
beforeAll(async () => {
  house = await startPeopleHouse();
  known = await person(house, newEmail("known")).arrive();
});
afterAll(() => house.stop());

/** Status, headers and body, without what differs by itself. */
async function shape(response: Response, email: string): Promise<string> {
  const headers = [...response.headers].filter(([name]) => name !== "content-length");
  const body = (await response.text())
    .replaceAll(email, "EMAIL")
    .replaceAll(/usr_[a-z2-7]{26}/g, "ID")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");
  return JSON.stringify([response.status, headers, body]);
}
const asks: Record<string, (email: string) => Promise<Response>> = {
  "sign-in": (email) => person(house).post("/sign-in/email", { email, password: "a-wrong-password-of-mine" }),
  "sign-up": (email) => person(house).post("/sign-up/email", { email, password: "a-fine-password-of-mine", name: "Ann" }),
  "password reset": (email) => person(house).post("/request-password-reset", { email }),
  "another verification mail": (email) => person(house).post("/send-verification-email", { email }),
};

test.each(Object.entries(asks))("%s answers alike for known and unknown addresses", async (_, ask) => {
  const unknown = newEmail("known");
  expect(await shape(await ask(known.email), known.email)).toBe(await shape(await ask(unknown), unknown));
});

test("the owner of a known address learns that somebody tried to sign up with it", async () => {
  await asks["sign-up"]?.(known.email);
  await expect.poll(() => house.mail.to(known.email).map(({ subject }) => subject)).toContain("You have an account already");
});

test("the same answers hold for uppercase and for people who never confirmed", async () => {
  const pending = person(house, newEmail("pending"));
  await pending.signUp();
  const unknown = newEmail("pending");
  for (const ask of Object.values(asks).slice(0, 3)) {
    expect(await shape(await ask(pending.email), pending.email)).toBe(await shape(await ask(unknown), unknown));
  }
});

/** Processor time, which other programs on the machine do not stretch; the middle of several. */
async function cost(ask: () => Promise<Response>): Promise<number> {
  const spent: number[] = [];
  for (let n = 0; n < 7; n++) {
    const before = process.cpuUsage();
    await ask();
    const { user, system } = process.cpuUsage(before);
    spent.push(user + system);
  }
  return spent.toSorted((a, b) => a - b)[3] ?? 0;
}

test.each(["sign-in", "sign-up"] as const)("%s works as hard for unknown addresses as for known ones", async (name) => {
  const ask = asks[name] ?? (() => Promise.reject());
  await ask(newEmail());
  const ofKnown = await cost(() => ask(known.email));
  const ofUnknown = await cost(() => ask(newEmail()));
  const ofNothing = await cost(() => person(house).get("/ok"));
  // A hash is many times the rest of a request: who skips it is off by far more than this.
  expect(ofUnknown / ofKnown).toBeGreaterThan(0.4);
  expect(ofUnknown / ofKnown).toBeLessThan(2.5);
  expect(ofKnown).toBeGreaterThan(4 * ofNothing);
});

test("a password reset answers no sooner for unknown addresses, and no later for known ones than they do", async () => {
  const took = async (email: string) => {
    const began = performance.now();
    await asks["password reset"]?.(email);
    return performance.now() - began;
  };
  // Below it is nothing to measure; timers may fire a little early.
  expect(Math.min(await took(newEmail()), await took(known.email))).toBeGreaterThan(240);
});
