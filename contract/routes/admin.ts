// For those who operate the service: the scope `admin`.
import { createRoute, z } from "@hono/zod-openapi";
import { AccountChange, AdminAccount, AuditEntry, NewAccount, TierChange, TierVersion } from "../accounts.ts";
import { AccountId } from "../ids.ts";
import { KeyRequest, NewApiKey } from "../keys.ts";
import { TierName } from "../tiers.ts";
import { access, forwarded, IdempotencyHeader, idempotent, json, jsonBody, PageQuery, page, refusalsWithToken } from "./shared.ts";

const reads = access("admin", "reads");
const writes = access("admin", "requests");
const tags = ["Administration"];
const account = z.object({ id: AccountId });

export const AccountsQuery = PageQuery.extend({
  search: z.string().max(100).optional().meta({ description: "Part of the id, the name, or a member's e-mail address." }),
  tier: TierName.optional(),
  suspended: z.enum(["true", "false"]).optional(),
});

export const adminListAccounts = createRoute({
  operationId: "adminListAccounts",
  tags,
  method: "get",
  path: "/v1/admin/accounts",
  summary: "Find accounts",
  ...reads,
  request: { query: AccountsQuery },
  responses: { 200: json("Accounts, newest first", page(AdminAccount)), ...refusalsWithToken("request-invalid", ...forwarded) },
});

export const adminCreateAccount = createRoute({
  operationId: "adminCreateAccount",
  tags,
  method: "post",
  path: "/v1/admin/accounts",
  summary: "Make an account without people",
  ...writes,
  request: { headers: IdempotencyHeader, ...jsonBody(NewAccount) },
  responses: {
    201: json("The account", AdminAccount),
    ...refusalsWithToken("request-invalid", "account-exists", ...idempotent, ...forwarded),
  },
});

export const adminGetAccount = createRoute({
  operationId: "adminGetAccount",
  tags,
  method: "get",
  path: "/v1/admin/accounts/{id}",
  summary: "One account",
  ...reads,
  request: { params: account },
  responses: { 200: json("The account", AdminAccount), ...refusalsWithToken("request-invalid", "account-not-found", ...forwarded) },
});

export const adminChangeAccount = createRoute({
  operationId: "adminChangeAccount",
  tags,
  method: "patch",
  path: "/v1/admin/accounts/{id}",
  summary: "Change an account's tier, limits or features; suspend it or let it in again",
  ...writes,
  request: { params: account, ...jsonBody(AccountChange) },
  responses: { 200: json("The account", AdminAccount), ...refusalsWithToken("request-invalid", "account-not-found", ...forwarded) },
});

export const adminCreateKey = createRoute({
  operationId: "adminCreateKey",
  tags,
  method: "post",
  path: "/v1/admin/accounts/{id}/keys",
  summary: "Make an API key for an account",
  ...writes,
  request: { params: account, headers: IdempotencyHeader, ...jsonBody(KeyRequest) },
  responses: {
    201: json("The key, shown this once", NewApiKey),
    ...refusalsWithToken("request-invalid", "account-not-found", "keys-max", ...idempotent, ...forwarded),
  },
});

export const adminListTiers = createRoute({
  operationId: "adminListTiers",
  tags,
  method: "get",
  path: "/v1/admin/tiers",
  summary: "The tiers, each in its current version",
  ...reads,
  responses: { 200: json("The tiers", z.object({ data: z.array(TierVersion) })), ...refusalsWithToken(...forwarded) },
});

export const adminChangeTier = createRoute({
  operationId: "adminChangeTier",
  tags,
  method: "patch",
  path: "/v1/admin/tiers/{name}",
  summary: "Make a new version of a tier; it holds for all its accounts within seconds",
  ...writes,
  request: { params: z.object({ name: TierName }), ...jsonBody(TierChange) },
  responses: { 200: json("The new version", TierVersion), ...refusalsWithToken("request-invalid", "version-conflict", ...forwarded) },
});

export const AuditQuery = PageQuery.extend({
  account: AccountId.optional(),
  actor: z.string().max(255).optional(),
  action: z.string().max(100).optional().meta({ description: "An action, or the start of it: `key.`" }),
  target: z.string().max(255).optional(),
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
});

export const adminListAudit = createRoute({
  operationId: "adminListAudit",
  tags,
  method: "get",
  path: "/v1/admin/audit",
  summary: "Who did what",
  ...reads,
  request: { query: AuditQuery },
  responses: { 200: json("Entries, newest first", page(AuditEntry)), ...refusalsWithToken("request-invalid", ...forwarded) },
});
