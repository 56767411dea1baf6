// The promises of administration, of one's own account and of the public tiers, on both databases.
import { randomBytes } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Account, AccountSnapshot, AdminAccount, TierVersion } from "#contract/accounts.ts";
import { fileBytesMaxOfAllTiers, testLimits, tierDefaults, tierNames } from "#contract/tiers.ts";
import { drawId } from "#origin/caller.ts";
import { jobs, members, usagePeriods, users } from "#origin/db/schema.ts";
import { metrics } from "#origin/metrics/registry.ts";
import { periodOf } from "#origin/usage/period.ts";
import { type Accounts, answered, databaseKinds, openAccounts, refused } from "./support/accounts.ts";
import { administrator } from "./support/assert.ts";

const unique = () => randomBytes(6).toString("hex");

describe.each(databaseKinds)("administration on %s", (kind) => {
  let house: Accounts;
  beforeAll(async () => {
    house = await openAccounts(kind);
  });
  afterAll(() => house?.close());

  const get = async (path: string) => answered(200, await house.call(administrator, "GET", path));
  const change = (account: string, body: object) => house.call(administrator, "PATCH", `/v1/admin/accounts/${account}`, body);
  const changeTier = (name: string, body: object) => house.call(administrator, "PATCH", `/v1/admin/tiers/${name}`, body);
  const snapshotOf = async (account: string) =>
    AccountSnapshot.parse(await answered(200, await house.call(undefined, "GET", `/internal/accounts/${account}`)));
  const tierOf = async (name: string): Promise<TierVersion> =>
    (await get("/v1/admin/tiers")).data.find((tier: TierVersion) => tier.name === name);

  test.each([
    ["GET", "/v1/admin/accounts"],
    ["POST", "/v1/admin/accounts"],
    ["GET", "/v1/admin/accounts/acme"],
    ["PATCH", "/v1/admin/accounts/acme"],
    ["POST", "/v1/admin/accounts/acme/keys"],
    ["GET", "/v1/admin/tiers"],
    ["PATCH", "/v1/admin/tiers/free"],
    ["GET", "/v1/admin/audit"],
  ] as const)("%s %s is for administrators, whatever the edge let through", async (method, path) => {
    const ann = await house.account();
    const ask = async (principal: typeof ann | undefined) =>
      refused(await house.call(principal, method, path, method === "GET" ? undefined : {}));
    expect(await ask(ann)).toMatchObject({ code: "scope-missing" });
    expect(await ask({ ...administrator, livemode: false })).toMatchObject({ code: "scope-missing" });
    expect(await ask(undefined)).toMatchObject({ code: "assertion-invalid" });
  });

  test("the installed tiers are those of the contract", async () => {
    const { data } = await get("/v1/admin/tiers");
    const installed = data.map(({ name, version, limits }: TierVersion) => ({ name, version, limits }));
    expect(installed).toEqual(tierNames.map((name) => ({ name, version: 1, limits: tierDefaults[name] })));
  });

  test("who tries what is not theirs is counted", async () => {
    const refusals = async () => {
      const { values = [] } = (await metrics.getSingleMetric("security_events_total")?.get()) ?? {};
      return values.find(({ labels }) => labels.event === "scope-refused")?.value;
    };
    const before = await refusals();
    await house.call(await house.account(), "GET", "/v1/admin/accounts");
    expect(await refusals()).toBe((before ?? Number.NaN) + 1);
  });

  test("who operates the service no longer is refused at once, also with a token of before", async () => {
    const { account } = await house.account();
    const [ada] = await house.db
      .insert(users)
      .values({ id: drawId("usr"), name: "Ada", email: `${account}@example.org`, emailVerified: true, administrator: true })
      .returning();
    const subject = ada?.id ?? "";
    await house.db.insert(members).values({ id: drawId("ath"), organizationId: account, userId: subject, role: "owner" });
    const ask = () => house.call({ ...administrator, account, subject }, "GET", "/v1/admin/tiers");
    await answered(200, await ask());
    await house.db.update(users).set({ administrator: false }).where(eq(users.id, subject));
    expect(await refused(await ask())).toMatchObject({ code: "scope-missing" });
  });

  test("an account is made once under its name, and gets one when none is given", async () => {
    const id = `n${unique()}`;
    const make = (body: object) => house.call(administrator, "POST", "/v1/admin/accounts", body);
    const made = AdminAccount.parse(await answered(201, await make({ id, name: "Acme Ltd", tier: "pro" })));
    expect(made).toMatchObject({ id, name: "Acme Ltd", tier: "pro", version: 1, members: 0, keys: 0 });
    expect(await get(`/v1/admin/accounts/${id}`)).toEqual(made);
    expect(await refused(await make({ id, name: "another" }))).toMatchObject({ code: "account-exists" });
    const named = await answered(201, await make({ name: "no id" }));
    expect(named).toMatchObject({ id: expect.stringMatching(/^acc_[a-z2-7]{26}$/), tier: "free" });
    expect(await refused(await house.call(administrator, "GET", "/v1/admin/accounts/nobody"))).toMatchObject({ code: "account-not-found" });
    expect(await refused(await change("nobody", { tier: "pro" }))).toMatchObject({ code: "account-not-found" });
    expect(
      await refused(await house.call(administrator, "POST", "/v1/admin/accounts/nobody/keys", { name: "x", scopes: ["jobs:read"] })),
    ).toMatchObject({ code: "account-not-found" });
    expect(await refused(await house.call(undefined, "GET", "/internal/accounts/nobody"))).toMatchObject({ code: "account-not-found" });
  });

  test("accounts are found by id, name and a member's address, and what is searched stands for itself", async () => {
    const word = unique();
    const byId = await house.account({ id: `x${word}` });
    const byName = await house.account({ name: `50% of ${word.toUpperCase()}` });
    const byMember = await house.account();
    const user = { id: `usr_${word}`, name: "Ann", email: `ann.${word}@example.org` };
    await house.db.insert(users).values(user);
    await house.db.insert(members).values({ id: `m${word}`, organizationId: byMember.account, userId: user.id, role: "owner" });
    const search = async (query: string) => (await get(`/v1/admin/accounts?search=${encodeURIComponent(query)}`)).data;
    const ids = (found: AdminAccount[]) => found.map(({ id }) => id);
    expect(ids(await search(word))).toEqual([byMember.account, byName.account, byId.account]);
    expect(await search(user.email)).toMatchObject([{ id: byMember.account, members: 1 }]);
    expect(ids(await search(`50% of ${word}`))).toEqual([byName.account]);
    expect(await search(`${word.slice(0, 5)}%${word.slice(6)}`)).toEqual([]);
    expect(await search("_".repeat(12))).toEqual([]);
  });

  test("page by page each account comes once, also when others are made meanwhile", async () => {
    const word = unique();
    const made = [];
    for (let n = 0; n < 7; n++) made.unshift((await house.account({ name: `${word} ${n}`, tier: n % 2 ? "pro" : "free" })).account);
    const seen: string[] = [];
    let after = "";
    do {
      const page = await get(`/v1/admin/accounts?search=${word}&limit=3${after}`);
      seen.push(...page.data.map(({ id }: AdminAccount) => id));
      await house.account({ name: `${word} late` });
      after = page.next_cursor && `&after=${page.next_cursor}`;
    } while (after);
    expect(seen).toEqual(made);
    const pros = await get(`/v1/admin/accounts?search=${word}&tier=pro`);
    expect(pros.data).toHaveLength(3);
    await answered(200, await change(made[0] ?? "", { suspended: true, reason: "unpaid" }));
    const suspended = await get(`/v1/admin/accounts?search=${word}&suspended=true`);
    expect(suspended.data).toMatchObject([{ id: made[0], suspended_reason: "unpaid" }]);
    expect(await refused(await house.call(administrator, "GET", "/v1/admin/accounts?after=x"))).toMatchObject({
      code: "request-invalid",
      errors: [{ pointer: "/after" }],
    });
  });

  test("a tier, overrides and features hold at once, and what is not named is the tier's again", async () => {
    const { account } = await house.account();
    const before = await snapshotOf(account);
    expect(before).toMatchObject({ tier: "free", limits: tierDefaults.free, features: {}, suspended: false });
    await answered(
      200,
      await change(account, { tier: "pro", limit_overrides: { jobs_running_max: 7 }, features: { "operation:pdf.to-text": false } }),
    );
    const after = await snapshotOf(account);
    expect(after).toMatchObject({
      tier: "pro",
      limits: { ...tierDefaults.pro, jobs_running_max: 7 },
      features: { "operation:pdf.to-text": false },
    });
    expect(after.version).toBeGreaterThan(before.version);
    await answered(200, await change(account, { limit_overrides: {} }));
    expect((await snapshotOf(account)).limits).toEqual(tierDefaults.pro);
    expect(await refused(await change(account, { limit_overrides: { file_bytes_max: fileBytesMaxOfAllTiers + 1 } }))).toMatchObject({
      code: "request-invalid",
    });
    expect(await refused(await change(account, { features: { "operation:none": false } }))).toMatchObject({ code: "request-invalid" });
  });

  test("a change that changes nothing leaves no trace", async () => {
    const { account } = await house.account();
    await answered(200, await change(account, { tier: "pro", features: {} }));
    const version = await house.versionOf(account);
    for (const same of [{}, { tier: "pro" }, { suspended: false }, { limit_overrides: {}, features: {} }])
      await answered(200, await change(account, same));
    expect(await house.versionOf(account)).toBe(version);
    expect((await house.auditOf(account)).map(({ action }) => action)).toEqual(["account.create", "account.change"]);
  });

  test("who suspends says why; who lets in again need not", async () => {
    const { account } = await house.account();
    expect(await refused(await change(account, { suspended: true }))).toMatchObject({
      code: "request-invalid",
      errors: [{ pointer: "/reason" }],
    });
    const suspended = await answered(200, await change(account, { suspended: true, reason: "unpaid" }));
    expect(suspended).toMatchObject({ suspended_at: expect.any(String), suspended_reason: "unpaid" });
    expect((await snapshotOf(account)).suspended).toBe(true);
    await answered(200, await change(account, { suspended: true, reason: "still" }));
    expect(await get(`/v1/admin/accounts/${account}`)).toEqual(suspended);
    expect(await answered(200, await change(account, { suspended: false }))).not.toHaveProperty("suspended_at");
    expect((await snapshotOf(account)).suspended).toBe(false);
    const [, away, back] = await house.auditOf(account);
    expect(away).toMatchObject({ action: "account.suspend", after: { suspended_at: expect.any(String), suspended_reason: "unpaid" } });
    expect(back).toMatchObject({ action: "account.resume", before: { suspended_reason: "unpaid" } });
  });

  test("a tier's new version holds for its accounts and no others, and what it does not name stays", async () => {
    const [premium, free] = [await house.account({ tier: "premium" }), await house.account()];
    const versions = async () => [await house.versionOf(premium.account), await house.versionOf(free.account)];
    const before = await tierOf("premium");
    const [was = 0, other] = await versions();
    const made = await answered(200, await changeTier("premium", { version: before.version, limits: { jobs_running_max: 21 } }));
    expect(TierVersion.parse(made)).toMatchObject({
      version: before.version + 1,
      limits: { ...before.limits, jobs_running_max: 21 },
      created_by: "ada",
    });
    expect((await snapshotOf(premium.account)).limits.jobs_running_max).toBe(21);
    expect(await versions()).toEqual([was + 1, other]);
    expect(await refused(await changeTier("premium", { version: before.version, limits: { jobs_running_max: 22 } }))).toMatchObject({
      code: "version-conflict",
    });
    await answered(200, await changeTier("premium", { version: made.version, features: { "operation:pdf.to-text": false } }));
    expect(await snapshotOf(premium.account)).toMatchObject({
      limits: { jobs_running_max: 21 },
      features: { "operation:pdf.to-text": false },
    });
    expect(
      await refused(await changeTier("premium", { version: made.version + 1, limits: { file_bytes_max: fileBytesMaxOfAllTiers + 1 } })),
    ).toMatchObject({ code: "request-invalid" });
    expect(await refused(await changeTier("gold", { version: 1 }))).toMatchObject({ code: "request-invalid" });
  });

  test("of changes that were made from one version of a tier, one holds", async () => {
    const { version } = await tierOf("enterprise");
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => changeTier("enterprise", { version, limits: { jobs_running_max: 200 + n } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)]);
    const [winner] = answers.filter(({ status }) => status === 200);
    expect((await tierOf("enterprise")).limits).toEqual((winner && (await answered(200, winner)))?.limits);
  });

  test("everybody may read the tiers, as they hold", async () => {
    const { data } = await answered(200, await house.call(undefined, "GET", "/v1/tiers"));
    expect(data.map(({ name }: TierVersion) => name)).toEqual(tierNames);
    expect(data[0]).toEqual({ name: "free", limits: tierDefaults.free, features: {} });
  });

  test("an account reads what it may and what is left", async () => {
    const ann = await house.account();
    const read = async (principal = ann) => Account.parse(await answered(200, await house.call(principal, "GET", "/v1/account")));
    const { quota, ...fresh } = await read();
    expect(fresh).toMatchObject({
      id: ann.account,
      tier: "free",
      livemode: true,
      limits: tierDefaults.free,
      jobs: { running: 0, queued: 0 },
    });
    expect(quota.conversions).toEqual({ used: 0, reserved: 0, limit: 250, left: 250 });
    const now = new Date();
    expect(Date.parse(fresh.period.starts_at)).toBeLessThanOrEqual(now.getTime());
    expect(Date.parse(fresh.period.ends_at)).toBeGreaterThan(now.getTime());

    await house.db
      .insert(usagePeriods)
      .values({ account: ann.account, period: periodOf(now), conversionsUsed: 200, conversionsReserved: 60, pagesUsed: 5 });
    const job = {
      account: ann.account,
      subject: "ann",
      tier: "free" as const,
      lane: "light" as const,
      runDeadlineMs: 1,
      inputs: [],
      steps: [],
      progress: { stage: "waiting" as const, fraction: 0 },
    };
    await house.db.insert(jobs).values([
      { ...job, id: `job_${unique()}` },
      { ...job, id: `job_${unique()}`, state: "running" },
      { ...job, id: `job_${unique()}`, state: "succeeded" },
      { ...job, id: `job_${unique()}`, livemode: false },
    ]);
    expect(await read()).toMatchObject({
      jobs: { running: 1, queued: 1 },
      quota: { conversions: { used: 200, reserved: 60, limit: 250, left: 0 }, pages: { used: 5, left: 4_995 }, ocr_pages: { left: 50 } },
    });
    const { pages_max, jobs_per_day, file_bytes_max } = testLimits;
    expect(await read({ ...ann, livemode: false })).toMatchObject({
      livemode: false,
      limits: { file_bytes_max, conversions_per_month: null },
      quota: { conversions: { used: 0, reserved: 0, limit: null, left: null } },
      jobs: { running: 0, queued: 1 },
      test: { pages_max, jobs_per_day, jobs_today: 1 },
    });
    await answered(200, await change(ann.account, { tier: "enterprise" }));
    expect((await read()).quota.conversions).toEqual({ used: 200, reserved: 60, limit: null, left: null });
  });
});
