import { createRoute, z } from "@hono/zod-openapi";
import { Account } from "../accounts.ts";
import { Features } from "../features.ts";
import { TierLimits, TierName } from "../tiers.ts";
import { Usage, UsageQuery } from "../usage.ts";
import { access, anonymous, forwarded, IdempotencyHeader, idempotent, json, refusals, refusalsWithToken } from "./shared.ts";

export const getAccount = createRoute({
  operationId: "getAccount",
  tags: ["Account"],
  method: "get",
  path: "/v1/account",
  summary: "Your tier, your limits, and what is left of them",
  ...access("usage:read", "reads"),
  responses: { 200: json("The account", Account), ...refusalsWithToken(...forwarded) },
});

export const getUsage = createRoute({
  operationId: "getUsage",
  tags: ["Account"],
  method: "get",
  path: "/v1/usage",
  summary: "What was converted, by day, operation or key",
  ...access("usage:read", "reads"),
  request: { query: UsageQuery },
  responses: {
    200: {
      description: "The usage",
      content: { "application/json": { schema: Usage }, "text/csv": { schema: z.string() } },
    },
    ...refusalsWithToken("request-invalid", ...forwarded),
  },
});

export const AccessToken = z
  .object({ access_token: z.string(), token_type: z.literal("Bearer"), expires_in: z.int().meta({ description: "Seconds." }) })
  .meta({ id: "AccessToken" });

export const createToken = createRoute({
  operationId: "createToken",
  tags: ["API keys"],
  method: "post",
  path: "/v1/tokens",
  summary: "A short-lived JWT with the rights of the API key that asks, for a browser or another machine",
  ...access("anybody", "requests"),
  request: { headers: IdempotencyHeader },
  responses: { 201: json("The token", AccessToken), ...refusalsWithToken("request-invalid", ...idempotent, ...forwarded) },
});

export const listTiers = createRoute({
  operationId: "listTiers",
  tags: ["Account"],
  method: "get",
  path: "/v1/tiers",
  summary: "The tiers and their limits",
  security: anonymous,
  responses: {
    200: json("The tiers", z.object({ data: z.array(z.object({ name: TierName, limits: TierLimits, features: Features })) })),
    ...refusals("address-rate-limited", ...forwarded),
  },
});
