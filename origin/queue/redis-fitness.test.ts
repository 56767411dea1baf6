import { expect, test } from "vitest";
import { judge } from "./redis-fitness.ts";

const right = { version: "7.2.4", policy: "noeviction", appendOnly: true, ephemeral: false };

test("a Redis that keeps what it is given passes", () => {
  expect(judge(right)).toEqual({ faults: [], warnings: [] });
});

test("a Redis that may forget jobs is refused, with the setting and its value", () => {
  expect(judge({ ...right, policy: "volatile-ttl" }).faults).toEqual([expect.stringContaining("maxmemory-policy volatile-ttl")]);
});

test("a Redis older than 7 is refused, with its version", () => {
  expect(judge({ ...right, version: "6.2.14" }).faults).toEqual([expect.stringContaining("6.2.14")]);
  expect(judge({ ...right, version: "10.0.1" }).faults).toEqual([]);
});

test("a Redis without an append-only file is warned of, unless that is meant", () => {
  expect(judge({ ...right, appendOnly: false }).warnings).toEqual([expect.stringContaining("appendonly no")]);
  expect(judge({ ...right, appendOnly: false, ephemeral: true }).warnings).toEqual([]);
});

test("a Redis that hides its settings is warned of, and not refused", () => {
  const hidden = judge({ ...right, version: undefined, policy: undefined });
  expect(hidden.faults).toEqual([]);
  expect(hidden.warnings).toHaveLength(2);
});
