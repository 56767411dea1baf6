// The promises of the audit log, on both databases.
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AuditEntry } from "#contract/accounts.ts";
import { type Accounts, answered, databaseKinds, openAccounts } from "./support/accounts.ts";
import { administrator } from "./support/assert.ts";

describe.each(databaseKinds)("the audit log on %s", (kind) => {
  let house: Accounts;
  beforeAll(async () => {
    house = await openAccounts(kind);
  });
  afterAll(() => house?.close());

  const read = async (query: string): Promise<{ data: AuditEntry[]; next_cursor?: string }> =>
    answered(200, await house.call(administrator, "GET", `/v1/admin/audit?${query}`));
  const actions = ({ data }: { data: AuditEntry[] }) => data.map(({ action }) => action);

  /** An account that had everything done to it. */
  async function busyAccount() {
    const ann = await house.account({ name: "Ann Example" });
    const { key, id } = await house.key(ann, { name: "Ann's laptop" });
    const rolled = await answered(201, await house.call({ ...ann, key: id, subject: id }, "POST", `/v1/keys/${id}/roll`, {}));
    await answered(200, await house.call(ann, "DELETE", `/v1/keys/${id}`, undefined, { address: "2001:db8::7" }));
    const path = `/v1/admin/accounts/${ann.account}`;
    for (const body of [{ tier: "pro" }, { suspended: true, reason: "unpaid" }, { suspended: false }])
      await answered(200, await house.call(administrator, "PATCH", path, body));
    return { ...ann, keys: [key, rolled.key as string], id };
  }
  const everything = ["account.resume", "account.suspend", "account.change", "key.revoke", "key.roll", "key.create", "account.create"];

  test("every change is told with who, what, before, after and from where, and neither key nor name", async () => {
    const { account, keys, id } = await busyAccount();
    const entries = await read(`account=${account}`);
    expect(actions(entries)).toEqual(everything);
    const [, suspended, changed, revoked, rolled, created] = entries.data;
    expect(suspended).toMatchObject({ actor: "ada", target: account, after: { reason: "unpaid" } });
    expect(changed).toMatchObject({ before: { tier: "free" }, after: { tier: "pro" } });
    expect(revoked).toMatchObject({
      actor: "ann",
      target: id,
      address: "2001:db8::7",
      request_id: "req_test",
      after: { revoked_at: expect.any(String) },
    });
    expect(rolled).toMatchObject({ actor: id, target: id });
    expect(created).toMatchObject({ actor: "ann", after: { scopes: ["jobs:read"] } });
    const text = JSON.stringify(await house.auditOf(account));
    for (const key of keys) {
      expect(text).not.toContain(key.slice(-20));
      expect(text).not.toMatch(/digest|Ann/);
    }
  });

  test("it is searched by account, actor, target, action or the start of it, and time", async () => {
    const { account, id } = await busyAccount();
    expect(actions(await read(`account=${account}&action=key.`))).toEqual(["key.revoke", "key.roll", "key.create"]);
    expect(actions(await read(`account=${account}&action=key.roll`))).toEqual(["key.roll"]);
    expect(actions(await read(`account=${account}&action=key_`))).toEqual([]);
    expect(actions(await read(`actor=${id}`))).toEqual(["key.roll"]);
    expect(actions(await read(`target=${id}`))).toEqual(["key.revoke", "key.roll", "key.create"]);
    const { data } = await read(`account=${account}`);
    const at = data[3]?.at ?? "";
    expect(actions(await read(`account=${account}&from=${at}`)).length).toBeGreaterThanOrEqual(4);
    expect(actions(await read(`account=${account}&to=${at}`))).toContain("account.create");
    expect(actions(await read(`account=${account}&from=2999-01-01T00:00:00Z`))).toEqual([]);
  });

  test("page by page each entry comes once", async () => {
    const { account } = await busyAccount();
    const seen: string[] = [];
    for (let after: string | undefined = ""; after !== undefined; ) {
      const page = await read(`account=${account}&limit=3${after}`);
      seen.push(...actions(page));
      after = page.next_cursor && `&after=${page.next_cursor}`;
    }
    expect(seen).toEqual(everything);
  });

  test("a change that fails is not told", async () => {
    const ann = await house.account();
    const count = (await house.auditOf(ann.account)).length;
    expect((await house.call(ann, "POST", "/v1/keys", { name: "x", scopes: ["admin"] })).status).toBe(403);
    expect(await house.auditOf(ann.account)).toHaveLength(count);
  });

  test.each(["audit_log", "ledger"])("nobody changes or deletes a row of %s", async (table) => {
    await busyAccount();
    const name = sql.identifier(table);
    for (const attempt of [
      sql`update ${name} set account = 'x'`,
      sql`delete from ${name}`,
      sql`delete from ${name} where false`,
      sql`truncate ${name}`,
    ])
      await expect(house.db.execute(attempt)).rejects.toThrow(
        expect.objectContaining({ cause: expect.objectContaining({ message: expect.stringContaining("never changed or deleted") }) }),
      );
  });
});
