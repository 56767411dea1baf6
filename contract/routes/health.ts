// What operators are told of the parts of one origin process.
import { createRoute, z } from "@hono/zod-openapi";
import { EngineFacts } from "../jobs.ts";
import { lanes } from "../operation.ts";
import { TierLimits } from "../tiers.ts";
import { access, forwarded, json, refusalsWithToken } from "./shared.ts";

const Lane = z.enum(lanes);

/** A part that was asked, and what it answered in time. */
const part = <S extends z.ZodType>(facts: S) =>
  z.object({
    status: z.enum(["ok", "failed", "late"]).meta({ description: "`late`: it did not answer in time, and was not waited for." }),
    ms: z.int().meta({ description: "How long it took, or was waited for." }),
    error: z.string().optional(),
    facts: facts.optional(),
  });

export const HealthDetail = z
  .object({
    status: z.enum(["ok", "degraded"]),
    process: z.object({
      role: z.string(),
      version: z.string().meta({ description: "Release and digest of the contract." }),
      node: z.string(),
      uptime_seconds: z.int(),
      memory_bytes: z.object({ resident: z.int(), heap_used: z.int() }),
      processor_seconds: z.number(),
    }),
    host: z.object({
      processors: z.int(),
      load: z.tuple([z.number(), z.number(), z.number()]).meta({ description: "Average of 1, 5 and 15 minutes." }),
      memory_bytes: z.object({ total: z.int(), free: z.int() }),
    }),
    parts: z.object({
      database: part(
        z.object({
          migrations: z.enum(["complete", "missing"]),
          connections: z.object({ total: z.int(), idle: z.int(), waiting: z.int() }).optional(),
        }),
      ),
      redis: part(
        z.object({
          version: z.string().optional(),
          maxmemory_policy: z.string().optional(),
          append_only: z.boolean(),
          memory_bytes: z.int(),
          memory_bytes_max: z.int(),
        }),
      ),
      scanner: part(
        z.array(
          z.object({
            address: z.string(),
            ready: z.boolean(),
            version: z.string().optional(),
            signatures: z.string().optional(),
            signatures_age_hours: z.number().optional(),
          }),
        ),
      ),
      engines: part(
        z.array(
          z.object({
            lane: Lane,
            address: z.string(),
            ready: z.boolean(),
            busy: z.boolean(),
            engine: EngineFacts.optional(),
            office: z.object({ starts: z.int(), documents: z.int() }).optional(),
          }),
        ),
      ),
      queue: part(
        z.array(
          z.object({
            lane: Lane,
            class: TierLimits.shape.service_class,
            queued: z.int(),
            window: z.int(),
            running: z.int(),
            oldest_seconds: z.number(),
          }),
        ),
      ),
      disk: part(z.object({ path: z.string(), total_bytes: z.int(), free_bytes: z.int() })),
    }),
  })
  .meta({ id: "HealthDetail" });
export type HealthDetail = z.infer<typeof HealthDetail>;

export const adminHealth = createRoute({
  operationId: "adminHealth",
  tags: ["Administration"],
  method: "get",
  path: "/v1/admin/health",
  summary: "The parts of the origin process that answers: engines, scanner, stores, queue, machine",
  ...access("admin", "reads"),
  responses: { 200: json("What each part says", HealthDetail), ...refusalsWithToken(...forwarded) },
});
