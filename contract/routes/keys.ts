import { createRoute, z } from "@hono/zod-openapi";
import { KeyId } from "../ids.ts";
import { ApiKey, KeyRequest, KeyRoll, NewApiKey } from "../keys.ts";
import { access, forwarded, IdempotencyHeader, idempotent, json, jsonBody, refusalsWithToken } from "./shared.ts";

const params = z.object({ id: KeyId });

export const createKey = createRoute({
  operationId: "createKey",
  tags: ["API keys"],
  method: "post",
  path: "/v1/keys",
  summary: "Make an API key",
  ...access("keys:write", "requests"),
  request: { headers: IdempotencyHeader, ...jsonBody(KeyRequest) },
  responses: {
    201: json("The key, shown this once", NewApiKey),
    ...refusalsWithToken("request-invalid", "keys-max", ...idempotent, ...forwarded),
  },
});

export const listKeys = createRoute({
  operationId: "listKeys",
  tags: ["API keys"],
  method: "get",
  path: "/v1/keys",
  summary: "The account's API keys, newest first",
  ...access("keys:write", "reads"),
  responses: { 200: json("The keys, without themselves", z.object({ data: z.array(ApiKey) })), ...refusalsWithToken(...forwarded) },
});

export const revokeKey = createRoute({
  operationId: "revokeKey",
  tags: ["API keys"],
  method: "delete",
  path: "/v1/keys/{id}",
  summary: "Revoke an API key; within seconds it is refused everywhere",
  ...access("keys:write", "requests"),
  request: { params },
  responses: { 200: json("The key, revoked", ApiKey), ...refusalsWithToken("request-invalid", "key-not-found", ...forwarded) },
});

export const rollKey = createRoute({
  operationId: "rollKey",
  tags: ["API keys"],
  method: "post",
  path: "/v1/keys/{id}/roll",
  summary: "Replace an API key; the old one holds a while longer",
  ...access("keys:write", "requests"),
  request: { params, headers: IdempotencyHeader, ...jsonBody(KeyRoll) },
  responses: {
    201: json("The new key, shown this once", NewApiKey),
    ...refusalsWithToken("request-invalid", "key-not-found", "version-conflict", "keys-max", ...idempotent, ...forwarded),
  },
});
