import { pino } from "pino";
import { expect, test } from "vitest";
import { Problem } from "#contract/problems.ts";
import type { JobRow } from "../db/schema.ts";
import type { JobStore } from "../jobs/store.ts";
import { activeRuns } from "./active-runs.ts";
import { type ProcessNeeds, processJob } from "./process-job.ts";

function house(changes: Partial<JobRow>, leaveRunning: JobStore["leaveRunning"]) {
  const row = {
    id: "job_1",
    attempt: 1,
    failures: 0,
    engineCrashes: 0,
    tier: "pro",
    runDeadlineMs: 60_000,
    createdAt: new Date(),
    startedAt: new Date(),
    inputs: [{ size: 1 }],
    steps: [{ operation: "pdf.to-text", options: {} }],
    secrets: null,
    progress: { stage: "waiting", fraction: 0 },
    ...changes,
  } as unknown as JobRow; // only these are read
  const boxes = { ended: 0, lease: async () => ({ end: async () => void boxes.ended++ }) };
  const store = { claim: async () => row, heartbeat: async () => true, leaveRunning };
  const scanner = { open: () => Promise.reject(new Problem("scanner-unavailable")) };
  const active = activeRuns(store, () => {});
  const needs = {
    store,
    tools: { scanner, boxes, objects: {}, quarantine: { refuse: async () => {} } },
    active,
    optionsKey: Buffer.alloc(32),
    announceEnd: () => {},
    log: pino({ level: "silent" }),
    ran: () => {},
    serviceClass: async () => "standard",
  } as unknown as ProcessNeeds; // the rest of each is not reached
  return { boxes, run: () => processJob(needs, { id: "job_1", attempt: 1 }).finally(active.stop) };
}

test("a box is given back also when the end of its job cannot be written", async () => {
  const { boxes, run } = house({}, () => Promise.reject(new Error("the database is away")));
  await expect(run()).rejects.toThrow("the database is away");
  expect(boxes.ended).toBe(1);
});

test("a job whose secret options this process cannot open does not stay running", async () => {
  const moves: unknown[] = [];
  const { run } = house({ secrets: "sealed with another key" }, async (_attempt, move) => moves.push(move) > 0);
  await run();
  expect(moves).toEqual([expect.objectContaining({ state: "queued", failures: 1 })]);
});
