// One suite for every route of the contract that asks for a credential: who is refused, and with which code. A route without a call here fails the first test.
import { beforeAll, describe, expect, test } from "vitest";
import type { Job } from "#contract/jobs.ts";
import { makeKey } from "#contract/keys.ts";
import { routes } from "#contract/openapi.ts";
import type { Access } from "#contract/routes/shared.ts";
import { type Scope, scopes } from "#contract/scopes.ts";
import { address, client, newAccount, refusalOf, suspend } from "./support/client.ts";

type Route = (typeof routes)[number];
type Protected = Extract<Route, { "x-access": Access }>;
type Call = { path: string; body?: unknown };

const isProtected = (route: Route): route is Protected => "x-access" in route;
const protectedRoutes = routes.filter(isProtected);

/** What belongs to the first account: a job that has ended, an upload, a key. */
type Things = { account: string; job: Job; upload: string; key: string };

const calls: Record<string, (things: Things) => Call> = {
  createUpload: () => ({ path: "/v1/uploads", body: { filename: "a.txt", size: 3 } }),
  createJob: ({ upload }) => ({ path: "/v1/jobs", body: { inputs: [{ upload }], steps: [{ operation: "pdf.to-text" }] } }),
  getJob: ({ job }) => ({ path: `/v1/jobs/${job.id}` }),
  getResult: ({ job }) => ({ path: `/v1/jobs/${job.id}/results/0` }),
  listJobs: () => ({ path: "/v1/jobs" }),
  cancelJob: ({ job }) => ({ path: `/v1/jobs/${job.id}/cancel` }),
  deleteJob: ({ job }) => ({ path: `/v1/jobs/${job.id}` }),
  deleteUpload: ({ upload }) => ({ path: `/v1/uploads/${upload}` }),
  getAccount: () => ({ path: "/v1/account" }),
  getUsage: () => ({ path: "/v1/usage" }),
  exportAccount: () => ({ path: "/v1/account/export" }),
  deleteAccount: () => ({ path: "/v1/account", body: { confirm: "another" } }),
  createKey: () => ({ path: "/v1/keys", body: { name: "another", scopes: ["jobs:read"] } }),
  listKeys: () => ({ path: "/v1/keys" }),
  rollKey: ({ key }) => ({ path: `/v1/keys/${key}/roll`, body: {} }),
  revokeKey: ({ key }) => ({ path: `/v1/keys/${key}` }),
  createToken: () => ({ path: "/v1/tokens" }),
  adminListAccounts: () => ({ path: "/v1/admin/accounts" }),
  adminCreateAccount: () => ({ path: "/v1/admin/accounts", body: { name: "Somebody" } }),
  adminGetAccount: ({ account }) => ({ path: `/v1/admin/accounts/${account}` }),
  adminChangeAccount: ({ account }) => ({ path: `/v1/admin/accounts/${account}`, body: { features: {} } }),
  adminDeleteAccount: ({ account }) => ({ path: `/v1/admin/accounts/${account}`, body: { confirm: "another" } }),
  adminCreateKey: ({ account }) => ({ path: `/v1/admin/accounts/${account}/keys`, body: { name: "k", scopes: ["jobs:read"] } }),
  adminListTiers: () => ({ path: "/v1/admin/tiers" }),
  adminChangeTier: () => ({ path: "/v1/admin/tiers/free", body: { version: -1 } }),
  adminHealth: () => ({ path: "/v1/admin/health" }),
  adminListAudit: () => ({ path: "/v1/admin/audit" }),
  adminListJobs: () => ({ path: "/v1/admin/jobs" }),
  adminRetryJob: ({ job }) => ({ path: `/v1/admin/jobs/${job.id}/retry` }),
  adminListQuarantine: () => ({ path: "/v1/admin/quarantine" }),
  adminLiftQuarantine: () => ({ path: `/v1/admin/quarantine/${"a".repeat(64)}` }),
};

/** Routes that name a thing of an account: to others it does not exist. */
const foreign: Partial<Record<string, string>> = {
  createJob: "upload-not-found",
  getJob: "job-not-found",
  getResult: "job-not-found",
  cancelJob: "job-not-found",
  deleteJob: "job-not-found",
  deleteUpload: "upload-not-found",
  rollKey: "key-not-found",
  revokeKey: "key-not-found",
};

/** Routes that ask for more than a credential with the scope: a person who owns the account, a confirmation. */
const askingMore: Partial<Record<string, string>> = {
  exportAccount: "role-missing",
  deleteAccount: "role-missing",
  adminDeleteAccount: "deletion-unconfirmed",
};

async function ask(route: Protected, things: Things, token: string | undefined): Promise<Response> {
  const call = calls[route.operationId];
  if (!call) throw new Error(`no call for ${route.operationId}`);
  const { path, body } = call(things);
  return fetch(new URL(path, address), {
    method: route.method.toUpperCase(),
    redirect: "manual",
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

const scopeOf = ({ "x-access": { scope } }: Protected): Scope | undefined => (scope === "anybody" ? undefined : scope);
const oneRequest = { per_minute: 1, burst: 1 };

describe("every protected route", () => {
  let things: Things;
  let operator: Awaited<ReturnType<typeof client>>;
  let other: Awaited<ReturnType<typeof client>>;
  let suspended: Awaited<ReturnType<typeof client>>;

  beforeAll(async () => {
    const owner = await client(newAccount(), "enterprise");
    operator = await client(newAccount(), "enterprise", { scopes });
    other = await client(newAccount(), "enterprise", { scopes });
    suspended = await client(newAccount(), "enterprise", { scopes });
    await suspend(operator, suspended);
    const job = await owner.convertFixture("two-pages.pdf", { operation: "pdf.to-text" });
    const upload = await owner.uploadFixture("two-pages.pdf");
    const { data } = (await (await owner.call("GET", "/v1/keys")).json()) as { data: { id: string }[] };
    things = { account: owner.account, job, upload, key: data[0]?.id ?? "" };
  });

  test("is in this suite's table", () => {
    expect(Object.keys(calls).sort()).toEqual(protectedRoutes.map(({ operationId }) => operationId).sort());
  });

  describe.each(protectedRoutes.map((route) => [route.operationId, route] as const))("%s", (name, route) => {
    test("refuses whoever sends no credential", async () => {
      expect(await refusalOf(await ask(route, things, undefined))).toEqual({ status: 401, code: "token-missing" });
    });

    test("refuses wrong credentials, and does not say what is wrong with them", async () => {
      const unknownKey = makeKey({ account: things.account, livemode: true }, crypto.getRandomValues(new Uint8Array(20)));
      const unknownAccount = makeKey({ account: newAccount(), livemode: true }, crypto.getRandomValues(new Uint8Array(20)));
      for (const key of [unknownKey, unknownAccount, `${unknownKey}a`])
        expect(await refusalOf(await ask(route, things, key))).toEqual({ status: 401, code: "key-invalid" });
      expect(await refusalOf(await ask(route, things, "a.b.c"))).toEqual({ status: 401, code: "token-invalid" });
    });

    test.skipIf(!scopeOf(route))("refuses a credential without its scope (the routes for anybody have none)", async () => {
      const without = await client(newAccount(), "enterprise", { scopes: scopes.filter((scope) => scope !== scopeOf(route)) });
      expect(await refusalOf(await ask(route, things, without.token))).toEqual({ status: 403, code: "scope-missing" });
    });

    test("refuses a suspended account", async () => {
      expect(await refusalOf(await ask(route, things, suspended.token))).toEqual({ status: 403, code: "account-suspended" });
    });

    test("refuses an account that is over its limit, and names the policy", async () => {
      const hurried = await client(newAccount(), "enterprise", {
        scopes,
        limits: { requests: oneRequest, reads: oneRequest, jobs: oneRequest },
      });
      await ask(route, things, hurried.token);
      const refused = await ask(route, things, hurried.token);
      const { policies } = route["x-access"];
      expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
      const body = (await refused.clone().json()) as { policy?: string };
      expect(policies).toContain(body.policy);
      expect(await refusalOf(refused)).toEqual({ status: 429, code: "rate-limited" });
    });

    const code = foreign[name];
    if (code !== undefined)
      test("does not know things of another account", async () => {
        expect(await refusalOf(await ask(route, things, other.token))).toEqual({ status: 404, code });
      });

    test("lets the right credential in", async () => {
      const answer = await ask(route, things, operator.token);
      const more = askingMore[name];
      if (more !== undefined) return expect((await refusalOf(answer)).code).toBe(more);
      expect([401, 403, 429], await answer.text()).not.toContain(answer.status);
    });
  });
});
