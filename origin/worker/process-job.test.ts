import { pino } from "pino";
import { expect, test } from "vitest";
import { Problem } from "#contract/problems.ts";
import type { JobRow } from "../db/schema.ts";
import { activeRuns } from "./active-runs.ts";
import { type ProcessNeeds, processJob } from "./process-job.ts";

test("a box is given back also when the end of its job cannot be written", async () => {
  let ended = 0;
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
  } as unknown as JobRow; // only these are read
  const store = {
    claim: async () => row,
    heartbeat: async () => true,
    leaveRunning: () => Promise.reject(new Error("the database is away")),
  };
  const scanner = { open: () => Promise.reject(new Problem("scanner-unavailable")) };
  const boxes = { lease: async () => ({ end: async () => void ended++ }) };
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
  await expect(processJob(needs, { id: "job_1", attempt: 1 })).rejects.toThrow("the database is away");
  active.stop();
  expect(ended).toBe(1);
});
