import type { ApiKey } from "#contract/keys.ts";
import { Problem } from "#contract/problems.ts";
import { bumpVersion } from "../accounts/bump-version.ts";
import { lockAccount } from "../accounts/lock-account.ts";
import { record } from "../audit/record.ts";
import type { Actor } from "../caller.ts";
import type { Database } from "../db/database.ts";
import { auditedKey, keyRecord } from "./key-record.ts";
import { changeKey, findKey } from "./store.ts";

/** Ends a key for good. A key that was revoked before stays as it is. */
export async function revokeKey({ db }: { db: Database }, actor: Actor, id: string): Promise<ApiKey> {
  const { account } = actor.principal;
  return db.transaction(async (tx) => {
    await lockAccount(tx, account);
    const row = await findKey(tx, actor.principal, id);
    if (!row) throw new Problem("key-not-found");
    if (row.revokedAt) return keyRecord(row);
    const revoked = keyRecord(await changeKey(tx, id, { revokedAt: new Date() }));
    await bumpVersion(tx, { account });
    await record(tx, actor, { action: "key.revoke", target: id, account, before: auditedKey(keyRecord(row)), after: auditedKey(revoked) });
    return revoked;
  });
}
