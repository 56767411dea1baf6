import { expect, test } from "vitest";
import { admit } from "./admit.ts";
import type { LaneLoad, Own, Waiting } from "./forecast.ts";

const limits = { jobsMax: 1_000, waitMaxMs: 600_000 };
const flood = (jobs: number): Waiting => ({
  account: "flood",
  serviceClass: "standard",
  weight: 1,
  runningMax: 100,
  jobs,
  costMs: jobs * 1_000,
});
const load = (jobs: number, rate: number | undefined): LaneLoad => ({ waiting: [flood(jobs)], rate });
const newcomer: Own = {
  account: "me",
  serviceClass: "standard",
  weight: 1,
  runningMax: 10,
  costMs: 1_000,
  before: { jobs: 0, costMs: 0 },
};
const flooder = (jobs: number): Own => ({ ...newcomer, account: "flood", runningMax: 100, before: { jobs, costMs: jobs * 1_000 } });
const thrown = (run: () => void): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
};

test("beyond its depth a lane takes no standard job, says when it has drained, and still takes premium ones", () => {
  expect(thrown(() => admit(load(799, 2), newcomer, limits))).toBeUndefined();
  expect(thrown(() => admit(load(819, 2), newcomer, limits))).toMatchObject({ code: "lane-full", retryAfterSeconds: 10 });
  expect(thrown(() => admit(load(819, 2), { ...newcomer, serviceClass: "premium" }, limits))).toBeUndefined();
  expect(thrown(() => admit(load(1_000, 2), { ...newcomer, serviceClass: "premium" }, limits))).toMatchObject({ code: "lane-full" });
});

test("who would wait too long is refused, and nobody else", () => {
  expect(thrown(() => admit(load(700, 1), flooder(700), limits))).toMatchObject({ code: "lane-full", retryAfterSeconds: 100 });
  expect(thrown(() => admit(load(700, 1), newcomer, limits))).toBeUndefined();
});

test("without evidence of its pace a lane is limited by its depth alone", () => {
  expect(thrown(() => admit(load(700, undefined), flooder(700), limits))).toBeUndefined();
  expect(thrown(() => admit(load(800, undefined), flooder(800), limits))).toMatchObject({ code: "lane-full", retryAfterSeconds: 60 });
});
