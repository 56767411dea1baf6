// For those who operate the service: the scope `admin`.
import { createRoute, z } from "@hono/zod-openapi";
import { AccountChange, AdminAccount, AuditEntry, NewAccount, TierChange, TierVersion } from "../accounts.ts";
import { AccountId, JobId } from "../ids.ts";
import { Job, JobState } from "../jobs.ts";
import { KeyRequest, NewApiKey } from "../keys.ts";
import { problemCodes } from "../problems.ts";
import { QuarantinedFile } from "../quarantine.ts";
import { TierName } from "../tiers.ts";
import { Sha256 } from "../uploads.ts";
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

export const AdminJobsQuery = PageQuery.extend({
  account: AccountId.optional(),
  state: JobState.optional().meta({ description: "`failed` is the list of dead letters." }),
  problem: z.enum(problemCodes).optional(),
});

export const AdminJob = Job.extend({ account: AccountId }).meta({ id: "AdminJob" });

export const adminListJobs = createRoute({
  operationId: "adminListJobs",
  tags,
  method: "get",
  path: "/v1/admin/jobs",
  summary: "Jobs of all accounts, newest first",
  description: "A page may hold fewer jobs than asked for, or none; `next_cursor` says whether there may be more.",
  ...reads,
  request: { query: AdminJobsQuery },
  responses: {
    200: json("A page of jobs, without file names and options", page(AdminJob)),
    ...refusalsWithToken("request-invalid", ...forwarded),
  },
});

export const adminRetryJob = createRoute({
  operationId: "adminRetryJob",
  tags,
  method: "post",
  path: "/v1/admin/jobs/{id}/retry",
  summary: "Give a failed job one more chance, while its files are there",
  ...writes,
  request: { params: z.object({ id: JobId }), headers: IdempotencyHeader },
  responses: {
    202: json("The job, queued", AdminJob),
    ...refusalsWithToken(
      "request-invalid",
      "job-not-found",
      "job-not-retryable",
      "quota-conversions",
      "quota-bytes",
      "quota-pages",
      ...idempotent,
      ...forwarded,
    ),
  },
});

export const adminListQuarantine = createRoute({
  operationId: "adminListQuarantine",
  tags,
  method: "get",
  path: "/v1/admin/quarantine",
  summary: "Files that ended engines, by digest",
  ...reads,
  request: { query: PageQuery },
  responses: { 200: json("Newest first", page(QuarantinedFile)), ...refusalsWithToken("request-invalid", ...forwarded) },
});

export const adminLiftQuarantine = createRoute({
  operationId: "adminLiftQuarantine",
  tags,
  method: "delete",
  path: "/v1/admin/quarantine/{sha256}",
  summary: "Let a file be converted again",
  ...writes,
  request: { params: z.object({ sha256: Sha256 }) },
  responses: {
    200: json("What was lifted", QuarantinedFile),
    ...refusalsWithToken("request-invalid", "quarantine-not-found", ...forwarded),
  },
});
