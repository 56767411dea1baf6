import { expect, test } from "vitest";
import { tierDefaults } from "#contract/tiers.ts";
import type { Question, Verdict } from "../accounts/account-object.ts";
import { accountAsker } from "./ask-account.ts";
import { recentlyAdmitted } from "./recently-admitted.ts";

const principal = { account: "acme", tier: "pro" as const, subject: "ann", scopes: ["jobs:read" as const], livemode: true };
const admitted = { principal, limits: tierDefaults.pro, features: {} };
const question = (changes: Partial<Question> = {}): Question => ({
  credential: { kind: "key", account: "acme", digest: "0".repeat(64) },
  address: "192.0.2.1",
  access: { scope: "jobs:read", policies: ["reads"] },
  ...changes,
});

/** An account that gives these answers, one after the other. */
function askerOf(...answers: (Verdict | Error | "silence")[]) {
  let asked = 0;
  const ask = accountAsker(
    () => ({
      async admit() {
        const answer = answers[asked++] ?? new Error("no more answers");
        if (answer instanceof Error) throw answer;
        return answer === "silence" ? new Promise<never>(() => undefined) : answer;
      },
    }),
    50,
  );
  return { ask, asked: () => asked };
}
const broken = new Error("broken");

test("an object that fails once is asked again", async () => {
  const { ask, asked } = askerOf(broken, { admitted });
  expect(await ask(question())).toEqual({ admitted });
  expect(asked()).toBe(2);
});

test("while it fails, only the same credential from the same address passes, and each passage is counted", async () => {
  const { ask } = askerOf({ admitted });
  await ask(question());
  expect(await ask(question())).toMatchObject({ admitted, bypassed: { count: 1 } });
  expect(await ask(question())).toMatchObject({ admitted, bypassed: { count: 2 } });
  const refusal = { code: "account-state-unavailable" };
  expect(await ask(question({ address: "192.0.2.2" }))).toMatchObject({ refusal });
  expect(await ask(question({ credential: { kind: "key", account: "acme", digest: "1".repeat(64) } }))).toMatchObject({ refusal });
});

test("nobody passes it by for more than their scopes", async () => {
  const { ask } = askerOf({ admitted });
  await ask(question());
  expect(await ask(question({ access: { scope: "admin", policies: [] } }))).toMatchObject({ refusal: { code: "scope-missing" } });
});

test("who was refused meanwhile passes no more", async () => {
  const { ask } = askerOf({ admitted }, { refusal: { code: "account-suspended" } });
  await ask(question());
  await ask(question());
  expect(await ask(question())).toMatchObject({ refusal: { code: "account-state-unavailable" } });
});

test("an object that is silent is waited for once", async () => {
  const { ask, asked } = askerOf({ admitted }, "silence");
  await ask(question());
  expect(await ask(question())).toMatchObject({ bypassed: { count: 1, cause: expect.stringContaining("50 ms") } });
  expect(asked()).toBe(2);
});

test("what is remembered holds for a minute, for a thousand callers", () => {
  const recent = recentlyAdmitted();
  recent.remember("ann", admitted, 0);
  expect(recent.recall("ann", 60_000)).toBe(admitted);
  expect(recent.recall("ann", 60_001)).toBeUndefined();
  for (let other = 0; other < 1_000; other++) recent.remember(`${other}`, admitted, 0);
  expect(recent.recall("ann", 0)).toBeUndefined();
  expect(recent.recall("0", 0)).toBe(admitted);
});
