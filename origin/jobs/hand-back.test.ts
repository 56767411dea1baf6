import { expect, test } from "vitest";
import { isTransient, problemCodes } from "#contract/problems.ts";
import type { JobRow } from "../db/schema.ts";
import { engineCrashesMax, failuresMax, handBack, retryDelayMs } from "./hand-back.ts";
import type { JobStore } from "./store.ts";

const row = (changes: Partial<JobRow>) =>
  ({ id: "job_1", attempt: 7, failures: 0, engineCrashes: 0, progress: { stage: "converting", fraction: 0.4 }, ...changes }) as JobRow; // only these are read

/** A store that takes every move and remembers it. */
function recording() {
  const moves: Parameters<JobStore["leaveRunning"]>[1][] = [];
  const ended: string[] = [];
  const leaveRunning: JobStore["leaveRunning"] = async (_attempt, move) => moves.push(move) > 0;
  return { moves, ended, needs: { store: { leaveRunning }, announceEnd: (id: string) => ended.push(id) } };
}

test("a lost worker's job waits again, at once", async () => {
  const { needs, moves, ended } = recording();
  await handBack(needs, row({}), { reason: "worker-lost" });
  expect(moves).toMatchObject([{ state: "queued", windowAt: null, notBefore: null, failures: 1 }]);
  expect(ended).toEqual([]);
});

test("a document that ended two boxes fails", async () => {
  const { needs, moves, ended } = recording();
  await handBack(needs, row({ engineCrashes: engineCrashesMax - 1 }), { reason: "engine-crashed" });
  expect(moves).toMatchObject([{ state: "failed", problem: { code: "engine-crashed" } }]);
  expect(ended).toEqual(["job_1"]);
});

test.each(["scanner-unavailable", "engine-unavailable", "shutdown"] as const)("waiting because of %s never ends a job", async (reason) => {
  const { needs, moves } = recording();
  await handBack(needs, row({ failures: failuresMax - 1 }), { reason });
  expect(moves).toMatchObject([{ state: "queued", failures: failuresMax - 1 }]);
});

test.each(problemCodes.filter(isTransient).filter((code) => !["scanner-unavailable", "engine-unavailable", "box-busy"].includes(code)))(
  "%s is not tried for ever",
  async (reason) => {
    const { needs, moves } = recording();
    await handBack(needs, row({ failures: failuresMax - 1 }), { reason });
    expect(moves).toMatchObject([{ state: "failed" }]);
  },
);

test("waits between tries grow, are bounded and differ", () => {
  const first = retryDelayMs("storage-unavailable", 1, 0.5);
  expect(retryDelayMs("storage-unavailable", 3, 0.5)).toBeGreaterThan(first);
  expect(retryDelayMs("storage-unavailable", 60, 1)).toBeLessThanOrEqual(30_000);
  expect(retryDelayMs("storage-unavailable", 1, 0.9)).not.toBe(first);
});

test("an object store that is away for twenty seconds fails no job", () => {
  const waits = Array.from({ length: failuresMax - 1 }, (_, tries) => retryDelayMs("storage-unavailable", tries + 1, 0));
  expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(20_000);
});
