import { expect, test } from "vitest";
import { tierDefaults } from "#contract/tiers.ts";
import { keepSnapshot } from "./keep-snapshot.ts";

const minute = 60_000;
const snapshotOf = (version: number) => ({
  account: "acme",
  version,
  tier: "pro" as const,
  limits: tierDefaults.pro,
  features: {},
  suspended: false,
  keys: [],
});
type Answer = number | "unknown" | "away";

/** An account at an origin that answers as told, with a clock that the test turns. */
function setUp({ held, answer }: { held?: { version: number; ageMs: number }; answer: Answer }) {
  const state = { now: 1_000_000_000, answer, fetches: 0, failures: 0, saved: [] as number[], forgotten: 0 };
  const keeper = keepSnapshot({
    held: held && { snapshot: snapshotOf(held.version), at: state.now - held.ageMs },
    clock: () => state.now,
    async fetch() {
      state.fetches++;
      const said = state.answer;
      await Promise.resolve();
      if (said === "away") throw new Error("away");
      return said === "unknown" ? undefined : snapshotOf(said);
    },
    save: ({ snapshot }) => state.saved.push(snapshot.version),
    forget: () => state.forgotten++,
    failed: () => state.failures++,
    refreshMs: minute,
    maxMs: 15 * minute,
  });
  const versionOf = (current: Awaited<ReturnType<typeof keeper.current>>) =>
    "snapshot" in current ? current.snapshot.version : Object.keys(current)[0];
  const ask = async () => versionOf(await keeper.current());
  const lookAgain = async () => versionOf(await keeper.lookAgain());
  return { state, keeper, ask, lookAgain };
}

test("requests of a cold account share one fetch", async () => {
  const { state, ask } = setUp({ answer: 1 });
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  expect(state).toMatchObject({ fetches: 1, saved: [1] });
});

test("within a minute the origin is not asked again", async () => {
  const { state, ask } = setUp({ held: { version: 1, ageMs: minute - 1 }, answer: 2 });
  expect(await ask()).toBe(1);
  expect(state.fetches).toBe(0);
});

test("after a minute a request is answered at once, and the next one by the refreshed snapshot", async () => {
  const { ask } = setUp({ held: { version: 1, ageMs: minute }, answer: 2 });
  expect(await ask()).toBe(1);
  await new Promise(setImmediate);
  expect(await ask()).toBe(2);
});

test("after two minutes a request waits for what the origin says now", async () => {
  const { ask } = setUp({ held: { version: 1, ageMs: 2 * minute }, answer: 2 });
  expect(await ask()).toBe(2);
});

test("with the origin away an old snapshot holds for 15 minutes, and not a moment longer", async () => {
  const { state, ask } = setUp({ held: { version: 1, ageMs: 15 * minute - 1 }, answer: "away" });
  expect(await ask()).toBe(1);
  state.now += 1;
  expect(await ask()).toBe("unavailable");
  expect(state.failures).toBe(1);
});

test("an origin that is away is asked once per second", async () => {
  const { state, ask } = setUp({ answer: "away" });
  for (let asked = 0; asked < 5; asked++) expect(await ask()).toBe("unavailable");
  expect(state.fetches).toBe(1);
  state.now += 1_000;
  state.answer = 3;
  expect(await ask()).toBe(3);
});

test("an unknown account is remembered for seconds, and nothing of it is stored", async () => {
  const { state, ask } = setUp({ answer: "unknown" });
  expect(await ask()).toBe("unknown");
  expect(await ask()).toBe("unknown");
  expect(state).toMatchObject({ fetches: 1, saved: [], forgotten: 0 });
  state.now += 5_000;
  state.answer = 1;
  expect(await ask()).toBe(1);
});

test("an account that the origin has deleted is forgotten", async () => {
  const { state, ask } = setUp({ held: { version: 1, ageMs: 3 * minute }, answer: "unknown" });
  expect(await ask()).toBe("unknown");
  expect(state.forgotten).toBe(1);
});

test("a push holds at once when it is newer, and is ignored when it is not", async () => {
  const { state, keeper, ask } = setUp({ held: { version: 5, ageMs: 0 }, answer: 5 });
  keeper.push(snapshotOf(7));
  keeper.push(snapshotOf(6));
  expect(await ask()).toBe(7);
  expect(state.saved).toEqual([7]);
});

test("a push that overtakes a fetch is not undone by it", async () => {
  const { keeper, ask } = setUp({ held: { version: 5, ageMs: 2 * minute }, answer: 5 });
  const asked = ask();
  keeper.push(snapshotOf(6));
  expect(await asked).toBe(6);
});

test("a push that overtakes the first fetch is not lost", async () => {
  const { keeper, ask } = setUp({ answer: 5 });
  const asked = ask();
  keeper.push(snapshotOf(6));
  expect(await asked).toBe(6);
});

test("a push makes no record of an account that nobody asked for", async () => {
  const { state, keeper } = setUp({ answer: 2 });
  keeper.push(snapshotOf(2));
  expect(state.saved).toEqual([]);
});

test("an unknown key makes the origin be asked again, once in five seconds", async () => {
  const { state, lookAgain } = setUp({ held: { version: 1, ageMs: 10 }, answer: 2 });
  expect(await lookAgain()).toBe(2);
  state.answer = 3;
  expect(await lookAgain()).toBe(2);
  state.now += 5_000;
  expect(await lookAgain()).toBe(3);
});

test("of requests that come at once with a new key none is refused", async () => {
  const { state, lookAgain } = setUp({ held: { version: 1, ageMs: 10 }, answer: 2 });
  expect(await Promise.all([lookAgain(), lookAgain(), lookAgain()])).toEqual([2, 2, 2]);
  expect(state.fetches).toBe(1);
});

test("an origin whose versions started anew is believed once the old snapshot is worthless", async () => {
  const { state, ask } = setUp({ held: { version: 9, ageMs: 3 * minute }, answer: 1 });
  expect(await ask()).toBe(9);
  state.now += 12 * minute;
  expect(await ask()).toBe(1);
});
