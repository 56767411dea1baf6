import { expect, test } from "vitest";
import { rateHeaderNames, rateHeaders } from "./rate-headers.ts";

const requests = { name: "requests", perMinute: 60, burst: 30, remaining: 29, resetMs: 1_000 };
const jobs = { name: "jobs", perMinute: 30, burst: 30, remaining: 4, resetMs: 51_001 };

test("every policy is named, and the trio speaks of the tightest", () => {
  expect(rateHeaders([requests, jobs])).toEqual({
    "RateLimit-Policy": '"requests";q=60;w=60, "jobs";q=30;w=60',
    RateLimit: '"requests";r=29;t=1, "jobs";r=4;t=52',
    "X-RateLimit-Limit": "30",
    "X-RateLimit-Remaining": "4",
    "X-RateLimit-Reset": "52",
  });
});

test("browsers may read all that is sent", () => {
  expect(Object.keys(rateHeaders([requests]))).toEqual(rateHeaderNames);
});
