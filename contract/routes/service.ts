import { createRoute, z } from "@hono/zod-openapi";
import { Lane } from "../operation.ts";
import { anonymous, json, refusals } from "./shared.ts";

export const OperationInfo = z
  .object({
    id: z.string(),
    summary: z.string(),
    accepts: z.array(z.object({ content_type: z.string(), name: z.string(), extensions: z.array(z.string()) })),
    produces: z.array(z.string()),
    lane: Lane,
    options: z.record(z.string(), z.unknown()).meta({ description: "JSON Schema (2020-12) of the options." }),
  })
  .meta({ id: "Operation" });

export const listOperations = createRoute({
  operationId: "listOperations",
  tags: ["Operations"],
  method: "get",
  path: "/v1/operations",
  summary: "What can be done, with which files and options",
  security: anonymous,
  responses: { 200: json("Every operation", z.object({ data: z.array(OperationInfo) })), ...refusals() },
});

export const Health = z
  .object({
    status: z.enum(["ok", "degraded", "unavailable"]),
    version: z.string().optional().meta({
      description: "Release and digest of the contract: of the edge at `/health/live`, of the origin at `/health/ready`.",
    }),
    degraded: z.array(z.string()).optional().meta({ description: "Parts that are away while the service goes on." }),
  })
  .meta({ id: "Health" });
export type Health = z.infer<typeof Health>;

const health = <P extends string>(path: P, operationId: string, summary: string) =>
  createRoute({
    operationId,
    tags: ["Health"],
    method: "get",
    path,
    summary,
    security: anonymous,
    responses: { 200: json("Yes", Health), 503: json("No", Health) },
  });

export const healthLive = health("/health/live", "healthLive", "Does the edge answer?");
export const healthReady = health("/health/ready", "healthReady", "Would a job be taken and worked on?");
export const healthAll = health("/health", "health", "The same as /health/ready");

export const getOpenapi = createRoute({
  operationId: "getOpenapi",
  tags: ["Operations"],
  method: "get",
  path: "/openapi.json",
  summary: "This description (OpenAPI 3.1)",
  security: anonymous,
  responses: { 200: json("OpenAPI 3.1", z.record(z.string(), z.unknown())), ...refusals() },
});
