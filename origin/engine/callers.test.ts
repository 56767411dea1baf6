import { expect, test } from "vitest";
import { callers } from "./callers.ts";

function door(addresses: Record<string, string[]>) {
  const state = { now: 1_000_000, asked: 0, addresses };
  const resolve = async (name: string) => {
    state.asked++;
    const found = state.addresses[name];
    if (!found) throw new Error("NXDOMAIN");
    return found;
  };
  const isCaller = callers(Object.keys(addresses), { resolve, now: () => state.now });
  return { state, takes: (remoteAddress: string | undefined) => isCaller({ remoteAddress }) };
}

test("who has a caller's address is taken, and nobody else", async () => {
  const { takes } = door({ worker: ["10.0.0.2", "10.0.0.3"] });
  expect(await Promise.all(["10.0.0.2", "::ffff:10.0.0.3", "10.0.0.4"].map(takes))).toEqual([true, true, false]);
});

test("everybody is taken where no caller is named, and the box itself and a socket's file always", async () => {
  expect(await door({}).takes("10.0.0.4")).toBe(true);
  const { takes } = door({ worker: [] });
  expect(await Promise.all(["127.0.0.1", "::1", undefined].map(takes))).toEqual([true, true, true]);
});

test("a worker that has just come is known at once, and one that has left is forgotten", async () => {
  const { state, takes } = door({ worker: ["10.0.0.2"] });
  expect(await takes("10.0.0.2")).toBe(true);
  state.addresses.worker = ["10.0.0.9"];
  state.now += 1_000;
  expect(await takes("10.0.0.9")).toBe(true);
  expect(await takes("10.0.0.2")).toBe(false);
});

test("whoever knocks again and again does not have the name server asked each time", async () => {
  const { state, takes } = door({ worker: ["10.0.0.2"] });
  for (let n = 0; n < 100; n++) expect(await takes("10.0.0.4")).toBe(false);
  expect(state.asked).toBe(1);
});

test("a name server that fails makes nobody a stranger for a minute, and nobody a caller", async () => {
  const { state, takes } = door({ worker: ["10.0.0.2"] });
  expect(await takes("10.0.0.2")).toBe(true);
  state.addresses = {};
  state.now += 59_000;
  expect(await Promise.all(["10.0.0.2", "10.0.0.4"].map(takes))).toEqual([true, false]);
  state.now += 61_000;
  expect(await takes("10.0.0.2")).toBe(false);
});
