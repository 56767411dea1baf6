// The promises of API keys, on both databases.
import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Principal } from "#contract/assertion.ts";
import { type ApiKey, keysPerAccountMax, NewApiKey, parseKey } from "#contract/keys.ts";
import { drawId } from "#origin/caller.ts";
import { openDatabase } from "#origin/db/database.ts";
import { apiKeys, members, users } from "#origin/db/schema.ts";
import { drawKey } from "#origin/keys/draw-key.ts";
import { noteKeyUse } from "#origin/keys/note-key-use.ts";
import { type Accounts, answered, databaseKinds, openAccounts, refused } from "./support/accounts.ts";
import { administrator } from "./support/assert.ts";

describe.each(databaseKinds)("API keys on %s", (kind) => {
  let house: Accounts;
  beforeAll(async () => {
    house = await openAccounts(kind);
  });
  afterAll(() => house?.close());

  const rowOf = async (id: string) => (await house.db.select().from(apiKeys).where(eq(apiKeys.id, id)))[0];
  const listed = async (principal: Principal): Promise<ApiKey[]> =>
    (await answered(200, await house.call(principal, "GET", "/v1/keys"))).data;
  const atEdge = async (account: string) => (await answered(200, await house.call(undefined, "GET", `/internal/accounts/${account}`))).keys;
  const post = (principal: Principal, body: object, headers = {}) => house.call(principal, "POST", "/v1/keys", body, { headers });
  const wanted = { name: "ours", scopes: ["jobs:read"] };

  test("a key is shown once, and a digest is all that is kept of it", async () => {
    const ann = await house.account();
    const made = NewApiKey.parse(
      await answered(201, await post(ann, { ...wanted, expires_in_seconds: 3_600, allowed_addresses: ["192.0.2.0/24"] })),
    );
    expect(parseKey(made.key)).toEqual({ account: ann.account, livemode: true });
    const { key, ...record } = made;
    expect(await listed(ann)).toEqual([record]);
    expect(await rowOf(made.id)).toMatchObject({ digest: createHash("sha256").update(key).digest("hex"), createdBy: "ann" });
    expect(JSON.stringify([await rowOf(made.id), await house.auditOf(ann.account)])).not.toContain(key.slice(-20));
    expect(await atEdge(ann.account)).toMatchObject([{ id: made.id, expires_at: made.expires_at, allowed_addresses: ["192.0.2.0/24"] }]);
  });

  test("a key has no scope that its maker lacks, and only an administrator gives admin", async () => {
    const ann = await house.account();
    expect(await refused(await post(ann, { ...wanted, scopes: ["hooks:write"] }))).toMatchObject({
      code: "scope-missing",
      detail: expect.stringContaining("hooks:write"),
    });
    expect(await refused(await post(ann, { ...wanted, scopes: ["admin"] }))).toMatchObject({ code: "scope-missing" });
    expect(await listed(ann)).toEqual([]);
    const path = `/v1/admin/accounts/${ann.account}/keys`;
    const made = await answered(201, await house.call(administrator, "POST", path, { name: "theirs", scopes: ["admin", "hooks:write"] }));
    expect(parseKey(made.key)).toEqual({ account: ann.account, livemode: true });
    const roller = { ...ann, key: made.id, subject: made.id };
    expect(await refused(await house.call(roller, "POST", `/v1/keys/${made.id}/roll`, {}))).toMatchObject({ code: "scope-missing" });
  });

  test("a key that is for listed addresses only makes and rolls no key for others", async () => {
    const ann = await house.account();
    const made = await house.key(ann, { scopes: ["jobs:read", "keys:write"], allowed_addresses: ["192.0.2.0/24", "2001:db8::/32"] });
    const key = { ...ann, scopes: ["jobs:read", "keys:write"], subject: made.id, key: made.id } satisfies Principal;
    const listOf = async (allowed_addresses?: string[]) =>
      (await answered(201, await post(key, { ...wanted, allowed_addresses }))).allowed_addresses;
    expect(await listOf()).toEqual(["192.0.2.0/24", "2001:db8::/32"]);
    expect(await listOf(["2001:db8::/32"])).toEqual(["2001:db8::/32"]);
    expect(await refused(await post(key, { ...wanted, allowed_addresses: ["198.51.100.7"] }))).toMatchObject({ code: "scope-missing" });
    const free = await house.key(ann);
    const roll = (id: string) => house.call(key, "POST", `/v1/keys/${id}/roll`, {});
    expect(await refused(await roll(free.id))).toMatchObject({ code: "scope-missing" });
    expect((await answered(201, await roll(made.id))).allowed_addresses).toEqual(made.allowed_addresses);
  });

  test("a test credential makes, sees and ends test keys only", async () => {
    const ann = await house.account();
    const tester = { ...ann, livemode: false };
    const live = await house.key(ann);
    expect(await refused(await post(tester, { ...wanted, livemode: true }))).toMatchObject({ code: "scope-missing" });
    const made = await answered(201, await post(tester, wanted));
    expect(made).toMatchObject({ livemode: false, key: expect.stringMatching(/^tc_test_/) });
    expect((await listed(tester)).map(({ id }) => id)).toEqual([made.id]);
    expect((await listed(ann)).map(({ id }) => id)).toEqual([made.id, live.id]);
    for (const [method, path] of [
      ["DELETE", ""],
      ["POST", "/roll"],
    ] as const)
      expect(await refused(await house.call(tester, method, `/v1/keys/${live.id}${path}`, {}))).toMatchObject({ code: "key-not-found" });
    expect(
      await refused(
        await house.call(administrator, "POST", `/v1/admin/accounts/${ann.account}/keys`, {
          name: "x",
          livemode: false,
          scopes: ["admin"],
        }),
      ),
    ).toMatchObject({ code: "scope-missing" });
  });

  test("an account has as many keys as it may have, however many ask at once", async () => {
    const ann = await house.account();
    const row = () => ({ id: drawId("key"), account: ann.account, name: "n", livemode: true, scopes: [], createdBy: "ann", ...kept() });
    const kept = () => {
      const { key: _key, ...rest } = drawKey({ account: ann.account, livemode: true });
      return rest;
    };
    await house.db.insert(apiKeys).values([
      ...Array.from({ length: keysPerAccountMax - 5 }, row),
      // These hold no more, and do not count.
      ...Array.from({ length: 3 }, () => ({ ...row(), revokedAt: new Date() })),
      ...Array.from({ length: 3 }, () => ({ ...row(), expiresAt: new Date(Date.now() - 1_000) })),
    ]);
    // Two callers: those of one wait for each other already in this process.
    const byAdministrator = () => house.call(administrator, "POST", `/v1/admin/accounts/${ann.account}/keys`, wanted);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? post(ann, wanted) : byAdministrator())));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    for (const answer of answers.filter(({ status }) => status !== 201)) expect(await refused(answer)).toMatchObject({ code: "keys-max" });
    expect(await atEdge(ann.account)).toHaveLength(keysPerAccountMax);
    expect(await listed(ann)).toHaveLength(keysPerAccountMax + 6);

    const [any] = await listed(ann);
    const roll = (body: object) => house.call(ann, "POST", `/v1/keys/${any?.id}/roll`, body);
    expect(await refused(await roll({}))).toMatchObject({ code: "keys-max" });
    await answered(201, await roll({ keep_seconds: 0 }));
  });

  test("a revoked key holds no more, stays listed, and can be revoked again without another trace", async () => {
    const ann = await house.account();
    const { id } = await house.key(ann);
    const revoke = async (principal = ann) => house.call(principal, "DELETE", `/v1/keys/${id}`);
    expect(await refused(await revoke(await house.account()))).toMatchObject({ code: "key-not-found" });
    const revoked = await answered(200, await revoke());
    expect(revoked).toMatchObject({ id, revoked_at: expect.any(String) });
    expect(await atEdge(ann.account)).toEqual([]);
    expect(await listed(ann)).toEqual([revoked]);
    const version = await house.versionOf(ann.account);
    expect(await answered(200, await revoke())).toEqual(revoked);
    expect(await house.versionOf(ann.account)).toBe(version);
    expect((await house.auditOf(ann.account)).map(({ action }) => action)).toEqual(["account.create", "key.create", "key.revoke"]);
    await house.db
      .update(apiKeys)
      .set({ revokedAt: new Date(Date.now() - 31 * 86_400_000) })
      .where(eq(apiKeys.id, id));
    expect(await listed(ann)).toEqual([]);
  });

  test("a rolled key and its successor hold side by side for the time that was asked for, and no longer than before", async () => {
    const ann = await house.account();
    const old = await house.key(ann, { expires_in_seconds: 7_200, allowed_addresses: ["2001:db8::/32"] });
    const roll = (body: object, id = old.id) => house.call(ann, "POST", `/v1/keys/${id}/roll`, body);
    const made = await answered(201, await roll({ keep_seconds: 600 }));
    const { name, scopes, allowed_addresses, livemode } = old;
    expect(made).toMatchObject({ name, scopes, allowed_addresses, livemode });
    expect(made.key).not.toBe(old.key);
    const lasts = ({ created_at, expires_at }: ApiKey) => Date.parse(expires_at ?? "") - Date.parse(created_at);
    expect(lasts(made)).toBeGreaterThan(lasts(old) - 1_000);
    expect(lasts(made)).toBeLessThan(lasts(old) + 1_000);
    const [, before] = await listed(ann);
    expect(before).toMatchObject({ id: old.id, replaced_by: made.id });
    expect(Date.parse(before?.expires_at ?? "")).toBeLessThanOrEqual(Date.parse(made.created_at) + 601_000);
    expect((await atEdge(ann.account)).map(({ id }: ApiKey) => id)).toEqual([old.id, made.id]);

    expect(await refused(await roll({}))).toMatchObject({ code: "version-conflict", detail: expect.stringContaining(made.id) });
    const next = await answered(201, await roll({ keep_seconds: 7 * 86_400 }, made.id));
    expect((await listed(ann)).find(({ id }) => id === made.id)?.expires_at).toBe(made.expires_at);
    await answered(201, await roll({ keep_seconds: 0 }, next.id));
    expect((await atEdge(ann.account)).map(({ id }: ApiKey) => id)).not.toContain(next.id);
    expect(await refused(await roll({}, next.id))).toMatchObject({ code: "key-not-found" });
  });

  test("a repeated request with one Idempotency-Key makes one key, and shows it again", async () => {
    const ann = await house.account();
    const again = () => post(ann, wanted, { "idempotency-key": "k-1" });
    const answers = await Promise.all(Array.from({ length: 5 }, again));
    const keys = await Promise.all(answers.map(async (answer) => (await answered(201, answer)).key));
    expect(new Set(keys).size).toBe(1);
    expect(await listed(ann)).toHaveLength(1);
  });

  test("nobody gets a key or token by repeating the request of another credential of the account", async () => {
    const ann = await house.account();
    const { id } = await house.key(ann, { scopes: ["jobs:read", "usage:read"] });
    const strong = { ...ann, subject: id, key: id } satisfies Principal;
    const other = await house.key(ann);
    const weak = { ...ann, subject: other.id, key: other.id, scopes: ["jobs:read"] } satisfies Principal;
    const headers = { "idempotency-key": "k-1" };
    const bodies = { "/v1/keys": wanted, "/v1/tokens": undefined, [`/v1/keys/${other.id}/roll`]: {} };
    for (const [path, body] of Object.entries(bodies)) {
      const ask = (principal: Principal) => house.call(principal, "POST", path, body, { headers });
      const first = await answered(201, await ask(strong));
      expect(await refused(await ask(weak))).toMatchObject({ code: "idempotency-mismatch" });
      expect(await answered(201, await ask(strong))).toEqual(first);
    }
  });

  test("who was revoked, demoted or removed a moment ago makes and rolls no key any more", async () => {
    const ann = await house.account();
    const { id } = await house.key(ann, { scopes: ["jobs:read", "keys:write"] });
    const key = { ...ann, scopes: ["jobs:read", "keys:write"], subject: id, key: id } satisfies Principal;
    const [bob, membership] = [drawId("usr"), drawId("ath")];
    const person = { ...ann, subject: bob } satisfies Principal;
    await house.db.insert(users).values({ id: bob, name: "Bob", email: `${bob}@example.org`, emailVerified: true });
    await house.db.insert(members).values({ id: membership, organizationId: ann.account, userId: bob, role: "admin" });
    const other = await house.key(ann);
    const tries = [
      (principal: Principal) => post(principal, wanted),
      (principal: Principal) => house.call(principal, "POST", `/v1/keys/${other.id}/roll`, {}),
    ] as const;
    for (const principal of [key, person]) await answered(201, await tries[0](principal));

    await answered(200, await house.call(ann, "DELETE", `/v1/keys/${id}`));
    await house.db.update(members).set({ role: "member" }).where(eq(members.id, membership));
    for (const ask of tries) {
      expect(await refused(await ask(key))).toMatchObject({ code: "key-invalid" });
      expect(await refused(await ask(person))).toMatchObject({ code: "token-invalid" });
    }
    await house.db.delete(members).where(eq(members.id, membership));
    for (const ask of tries) expect(await refused(await ask(person))).toMatchObject({ code: "token-invalid" });
  });

  test("the last use of a key is noted once a minute, whichever request and process it was", async () => {
    const ann = await house.account();
    const { id } = await house.key(ann);
    const user = { ...ann, key: id };
    const use = async (address: string) => house.call(user, "GET", "/v1/account", undefined, { address });
    await use("192.0.2.1");
    await expect.poll(async () => (await rowOf(id))?.lastUsedAddress).toBe("192.0.2.1");
    const [used] = await listed(ann);
    expect(used).toMatchObject({ last_used_at: expect.any(String), last_used_address: "192.0.2.1" });

    const anotherProcess = () => noteKeyUse({ db: house.db, onError: (error) => house.unnoted.push(error) });
    anotherProcess()({ principal: user, address: "192.0.2.2" });
    await use("192.0.2.3");
    await answered(200, await house.call(ann, "GET", "/v1/account"));
    expect((await rowOf(id))?.lastUsedAddress).toBe("192.0.2.1");

    await house.db
      .update(apiKeys)
      .set({ lastUsedAt: new Date(Date.now() - 61_000) })
      .where(eq(apiKeys.id, id));
    anotherProcess()({ principal: user, address: "192.0.2.4" });
    await expect.poll(async () => (await rowOf(id))?.lastUsedAddress).toBe("192.0.2.4");
    expect(house.unnoted).toEqual([]);
  });

  test("no request fails because the use of its key cannot be noted", async () => {
    const ann = await house.account();
    const { id } = await house.key(ann);
    const nowhere = await openDatabase({ url: "postgresql://127.0.0.1:1/none", dataDir: "", onError: () => {} });
    const answer = await house.appWith(nowhere.db)({ ...ann, key: id }, "GET", "/v1/account");
    expect(answer.status).toBe(200);
    await expect.poll(() => house.unnoted).toHaveLength(1);
    house.unnoted.length = 0;
    await nowhere.close();
  });

  test("a key gets a token with its own rights; a token, a session and a key that ended get none", async () => {
    const ann = await house.account();
    const { id } = await house.key(ann, { scopes: ["jobs:read", "usage:read"] });
    const itself = { ...ann, subject: id, key: id, scopes: ["jobs:read"] } satisfies Principal;
    const ask = (principal: Principal) => house.call(principal, "POST", "/v1/tokens");
    const { access_token, ...rest } = await answered(201, await ask(itself));
    expect(rest).toEqual({ token_type: "Bearer", expires_in: 600 });
    const claims = JSON.parse(access_token);
    expect(claims).toMatchObject({ account: ann.account, key: id, scopes: ["jobs:read"], livemode: true });
    expect(await refused(await ask({ ...itself, subject: claims.subject }))).toMatchObject({ code: "scope-missing" });
    expect(await refused(await ask(ann))).toMatchObject({ code: "scope-missing" });
    await answered(200, await house.call(ann, "DELETE", `/v1/keys/${id}`));
    expect(await refused(await ask(itself))).toMatchObject({ code: "key-invalid" });
  });

  test("a body that is none is refused by name", async () => {
    const ann = await house.account();
    expect(await refused(await house.call(ann, "POST", "/v1/keys"))).toMatchObject({ code: "body-not-json" });
    expect(await refused(await post(ann, { ...wanted, scopes: [] }))).toMatchObject({ code: "request-invalid" });
    expect(await refused(await post(ann, { ...wanted, allowed_addresses: ["192.0.2.0/33"] }))).toMatchObject({ code: "request-invalid" });
    expect(await refused(await house.call(ann, "DELETE", "/v1/keys/key_none"))).toMatchObject({ code: "request-invalid" });
  });
});
