import { createRoute, z } from "@hono/zod-openapi";
import { JobId } from "../ids.ts";
import { Job, JobRequest, JobsQuery, waitSecondsMax } from "../jobs.ts";
import { wholeNumber } from "../whole-number.ts";
import { access, forwarded, IdempotencyHeader, idempotent, json, jsonBody, page, refusalsWithToken } from "./shared.ts";

export const createJob = createRoute({
  operationId: "createJob",
  tags: ["Jobs"],
  method: "post",
  path: "/v1/jobs",
  summary: "Start a job on uploaded files",
  ...access("jobs:write", "requests", "jobs"),
  request: { headers: IdempotencyHeader, ...jsonBody(JobRequest) },
  responses: {
    202: json("The job, queued", Job),
    ...refusalsWithToken(
      ...idempotent,
      "request-invalid",
      "operation-unknown",
      "options-invalid",
      "inputs-unsupported",
      "steps-unsupported",
      "upload-not-found",
      "upload-mismatch",
      "file-too-large",
      "file-empty",
      "input-type-unsupported",
      "feature-off",
      "email-unverified",
      "jobs-queued-max",
      "quota-conversions",
      "quota-bytes",
      "quota-pages",
      "test-limit",
      "lane-full",
      "input-quarantined",
      ...forwarded,
    ),
  },
});

export const getJob = createRoute({
  operationId: "getJob",
  tags: ["Jobs"],
  method: "get",
  path: "/v1/jobs/{id}",
  summary: "Read a job, and wait a while for its end if you like",
  ...access("jobs:read", "reads"),
  request: {
    params: z.object({ id: JobId }),
    query: z.object({
      wait: wholeNumber(0, waitSecondsMax).optional().meta({ description: "Seconds to wait for the job to end." }),
    }),
  },
  responses: { 200: json("The job", Job), ...refusalsWithToken("request-invalid", "job-not-found", ...forwarded) },
});

export const getResult = createRoute({
  operationId: "getResult",
  tags: ["Jobs"],
  method: "get",
  path: "/v1/jobs/{id}/results/{n}",
  summary: "Fetch a result of a job",
  description:
    "Follow `Location` without `Authorization`: the object store refuses a second credential. Most clients drop it when the host changes; Python's urllib and wget do not.",
  ...access("jobs:read", "reads"),
  request: { params: z.object({ id: JobId, n: wholeNumber(0, 100_000).meta({ description: "Counted from 0." }) }) },
  responses: {
    302: { description: "The bytes are at `Location`, for a few minutes", headers: z.object({ Location: z.url() }) },
    ...refusalsWithToken("request-invalid", "job-not-found", "job-unfinished", "result-not-found", "result-expired", ...forwarded),
  },
});

const params = z.object({ id: JobId });

export const listJobs = createRoute({
  operationId: "listJobs",
  tags: ["Jobs"],
  method: "get",
  path: "/v1/jobs",
  summary: "Find jobs, newest first",
  description: "A page may hold fewer jobs than asked for, or none; `next_cursor` says whether there may be more.",
  ...access("jobs:read", "reads"),
  request: { query: JobsQuery },
  responses: { 200: json("A page of jobs", page(Job)), ...refusalsWithToken("request-invalid", ...forwarded) },
});

export const cancelJob = createRoute({
  operationId: "cancelJob",
  tags: ["Jobs"],
  method: "post",
  path: "/v1/jobs/{id}/cancel",
  summary: "End a job that waits or runs; it costs nothing",
  description: "A job that has ended already is answered as it is.",
  ...access("jobs:write", "requests"),
  request: { params, headers: IdempotencyHeader },
  responses: {
    200: json("The job, canceled unless it had ended", Job),
    ...refusalsWithToken("request-invalid", "job-not-found", ...idempotent, ...forwarded),
  },
});

export const deleteJob = createRoute({
  operationId: "deleteJob",
  tags: ["Jobs"],
  method: "delete",
  path: "/v1/jobs/{id}",
  summary: "Cancel a job unless it has ended, and delete its files now",
  description: "Inputs that another job still needs stay. The record stays, and says `expired`.",
  ...access("jobs:write", "requests"),
  request: { params },
  responses: {
    200: json("The job, without files", Job),
    ...refusalsWithToken("request-invalid", "job-not-found", "storage-unavailable", ...forwarded),
  },
});
