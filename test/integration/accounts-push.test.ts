// What the edge is told, and when: a real server takes the pushes, on both databases.
import { randomBytes } from "node:crypto";
import { eq, inArray, lt } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { bumpVersion } from "#origin/accounts/bump-version.ts";
import { createAccount } from "#origin/accounts/create-account.ts";
import { accounts } from "#origin/db/schema.ts";
import { createKey } from "#origin/keys/create-key.ts";
import { revokeKey } from "#origin/keys/revoke-key.ts";
import { type Accounts, answered, databaseKinds, openAccounts } from "./support/accounts.ts";
import { administrator } from "./support/assert.ts";

/** Six times what the service promises of revocations, suspensions and tiers, because the machine may have other work too. */
const soonMs = 6 * 5_000;
/** PGlite belongs to one process; there it is about bounds only. */
const accountsOfATier = { PGlite: 1_000, PostgreSQL: 3_000 };

describe.each(databaseKinds)("pushes to the edge from %s", (kind) => {
  const many = accountsOfATier[kind];
  let house: Accounts;
  beforeAll(async () => {
    house = await openAccounts(kind);
  });
  afterAll(async () => {
    expect(house?.edge.faults).toEqual([]);
    await house?.close();
  });

  const held = (account: string) => house.edge.held.get(account);
  const soon = (check: () => void, timeout = soonMs) => vi.waitFor(check, { timeout, interval: 20 });
  const patch = async (path: string, body: object) => answered(200, await house.call(administrator, "PATCH", `/v1/admin/${path}`, body));
  const actor = { principal: administrator, address: "192.0.2.7", requestId: "req_test" };
  const unpushed = () => house.db.$count(accounts, lt(accounts.pushedVersion, accounts.version));
  const settled = () => vi.waitFor(async () => expect(await unpushed()).toBe(0), { timeout: 200_000, interval: 250 });

  test("a new key, its end, a suspension and a new tier arrive in time", async () => {
    const ann = await house.account();
    const { id } = await house.key(ann);
    await soon(() => expect(held(ann.account)?.keys).toMatchObject([{ id }]));
    await answered(200, await house.call(ann, "DELETE", `/v1/keys/${id}`));
    await soon(() => expect(held(ann.account)?.keys).toEqual([]));
    await patch(`accounts/${ann.account}`, { suspended: true, reason: "unpaid" });
    await soon(() => expect(held(ann.account)?.suspended).toBe(true));
    await patch(`accounts/${ann.account}`, { suspended: false, tier: "premium" });
    await soon(() => expect(held(ann.account)).toMatchObject({ suspended: false, tier: "premium" }));
    const { data } = await answered(200, await house.call(administrator, "GET", "/v1/admin/tiers"));
    await patch("tiers/premium", { version: data[2].version, limits: { jobs_running_max: 19 } });
    await soon(() => expect(held(ann.account)?.limits.jobs_running_max).toBe(19));
  });

  test("whoever is answered with a key may use it at once, and a key whose end was answered is one no more: the edge knew first", async () => {
    house.edge.answerAfterMs = 20;
    const ann = await house.account();
    for (let round = 0; round < 5; round++) {
      const { id } = await house.key(ann);
      expect(held(ann.account)?.keys.map((key) => key.id)).toEqual([id]);
      const rolled = await answered(201, await house.call(ann, "POST", `/v1/keys/${id}/roll`, { keep_seconds: 60 }));
      expect(held(ann.account)?.keys.map((key) => key.id)).toContain(rolled.id);
      for (const gone of [id, rolled.id]) await answered(200, await house.call(ann, "DELETE", `/v1/keys/${gone}`));
      expect(held(ann.account)?.keys).toEqual([]);
    }
    house.edge.answerAfterMs = 0;
  });

  test("what another process changed arrives in time as well", async () => {
    const needs = { db: house.db };
    const { id: account } = await createAccount(needs, actor, { name: "theirs", tier: "pro" });
    const owner = { ...actor, principal: { ...administrator, account } };
    const { id } = await createKey(needs, owner, { name: "theirs", scopes: ["admin"], allowed_addresses: [] });
    await soon(() => expect(held(account)?.keys).toMatchObject([{ id }]));
    await revokeKey(needs, owner, id);
    await soon(() => expect(held(account)?.keys).toEqual([]));
  });

  test("a deleted account is one that nobody may use", async () => {
    const ann = await house.account();
    await house.key(ann);
    await soon(() => expect(held(ann.account)?.keys).toHaveLength(1));
    await house.db.update(accounts).set({ deletedAt: new Date() }).where(eq(accounts.id, ann.account));
    await bumpVersion(house.db, { account: ann.account });
    await soon(() => expect(held(ann.account)).toMatchObject({ suspended: true, keys: [] }));
    expect((await house.call(undefined, "GET", `/internal/accounts/${ann.account}`)).status).toBe(404);
  });

  test("while the edge is away it is asked seldom, and it is told in time once it is back", async () => {
    const people = await Promise.all(Array.from({ length: 30 }, () => house.account()));
    await settled();
    house.edge.away = true;
    house.edge.refused = 0;
    await Promise.all(people.map(({ account }) => patch(`accounts/${account}`, { tier: "pro" })));
    await soon(() => expect(house.edge.refused).toBeGreaterThan(8), 60_000);
    expect(house.edge.refused).toBeLessThan(people.length * 3);
    house.edge.away = false;
    await soon(() => expect(people.filter(({ account }) => held(account)?.tier !== "pro")).toEqual([]));
    await settled();
  });

  test(`a tier of ${many} accounts is told with bounded force, by two processes where there are two, and a revocation meanwhile arrives in time`, async () => {
    const prefix = `z${randomBytes(4).toString("hex")}`;
    const rows = Array.from({ length: many }, (_, n) => ({
      id: `${prefix}-${n}`,
      slug: `${prefix}-${n}`,
      name: "one of many",
      tier: "enterprise" as const,
      pushedVersion: 1,
    }));
    for (let from = 0; from < many; from += 1_000) await house.db.insert(accounts).values(rows.slice(from, from + 1_000));
    const ann = await house.account();
    const { id } = await house.key(ann);
    await soon(() => expect(held(ann.account)?.keys).toHaveLength(1));
    await settled();

    house.edge.atOnceMax = 0;
    house.edge.repeats = 0;
    house.edge.answerAfterMs = 2;
    const another = kind === "PostgreSQL" ? house.startPush() : undefined;
    const { data } = await answered(200, await house.call(administrator, "GET", "/v1/admin/tiers"));
    await patch("tiers/enterprise", { version: data[3].version, limits: { jobs_running_max: 123 } });
    await soon(() => expect(rows.some((row) => held(row.id))).toBe(true));
    await answered(200, await house.call(ann, "DELETE", `/v1/keys/${id}`));
    await soon(() => expect(held(ann.account)?.keys).toEqual([]));
    expect(house.edge.held.size).toBeLessThan(many);

    await settled();
    await another?.stop();
    expect(rows.filter((row) => held(row.id)?.limits.jobs_running_max !== 123)).toEqual([]);
    expect(house.edge.atOnceMax).toBeLessThanOrEqual(2 * 8);
    expect(house.edge.repeats).toBeLessThan(many / 10);
    house.edge.answerAfterMs = 0;
    await house.db.delete(accounts).where(
      inArray(
        accounts.id,
        rows.map((row) => row.id),
      ),
    );
  }, 240_000);
});
