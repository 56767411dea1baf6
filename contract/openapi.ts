// The OpenAPI 3.1 description, made from the routes. `npm run generate` writes it to openapi.gen.json, which the edge serves.
import { OpenAPIHono } from "@hono/zod-openapi";
import { adminDeleteAccount, deleteAccount, exportAccount } from "./routes/account-data.ts";
import { createToken, getAccount, getUsage, listTiers } from "./routes/accounts.ts";
import {
  adminChangeAccount,
  adminChangeTier,
  adminCreateAccount,
  adminCreateKey,
  adminGetAccount,
  adminLiftQuarantine,
  adminListAccounts,
  adminListAudit,
  adminListJobs,
  adminListQuarantine,
  adminListTiers,
  adminRetryJob,
} from "./routes/admin.ts";
import { adminHealth } from "./routes/health.ts";
import { cancelJob, createJob, deleteJob, getJob, getResult, listJobs } from "./routes/jobs.ts";
import { createKey, listKeys, revokeKey, rollKey } from "./routes/keys.ts";
import { getOpenapi, healthAll, healthLive, healthReady, listOperations } from "./routes/service.ts";
import { createUpload, deleteUpload } from "./routes/uploads.ts";

export const routes = [
  createUpload,
  deleteUpload,
  createJob,
  listJobs,
  getJob,
  cancelJob,
  deleteJob,
  getResult,
  getAccount,
  getUsage,
  exportAccount,
  deleteAccount,
  listTiers,
  createKey,
  listKeys,
  rollKey,
  revokeKey,
  createToken,
  adminListAccounts,
  adminCreateAccount,
  adminGetAccount,
  adminChangeAccount,
  adminDeleteAccount,
  adminCreateKey,
  adminListTiers,
  adminChangeTier,
  adminListAudit,
  adminListJobs,
  adminRetryJob,
  adminListQuarantine,
  adminLiftQuarantine,
  adminHealth,
  listOperations,
  getOpenapi,
  healthAll,
  healthLive,
  healthReady,
] as const;

export function openapiDocument(version: string) {
  const { openAPIRegistry, getOpenAPI31Document } = new OpenAPIHono();
  openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "An API key (`tc_live_…`, `tc_test_…`) or a JWT.",
  });
  for (const route of routes) openAPIRegistry.registerPath(route);
  return getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "TrustyConvert",
      version,
      description:
        "Converts documents. Announce a file, PUT it, start a job, fetch its results. Every refusal is RFC 9457 problem details.",
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    servers: [{ url: "/" }],
  });
}
