import type { KeyRoll, NewApiKey } from "#contract/keys.ts";
import { Problem } from "#contract/problems.ts";
import { lockAccount } from "../accounts/lock-account.ts";
import { record } from "../audit/record.ts";
import type { Actor } from "../caller.ts";
import type { Database } from "../db/database.ts";
import { addKey } from "./add-key.ts";
import { checkAddresses, checkGrant } from "./check-grant.ts";
import { auditedKey, keyRecord } from "./key-record.ts";
import { requireStanding } from "./require-standing.ts";
import { changeKey, findGoodKey } from "./store.ts";

/** Makes a key that may what another may, for as long as that one was made for; the old one holds `keep_seconds` more, but no longer than it would have. */
export async function rollKey({ db }: { db: Database }, actor: Actor, id: string, { keep_seconds }: KeyRoll): Promise<NewApiKey> {
  const { account } = actor.principal;
  return db.transaction(async (tx) => {
    await lockAccount(tx, account);
    const maker = await requireStanding(tx, actor.principal);
    const old = await findGoodKey(tx, actor.principal, id);
    if (!old) throw new Problem("key-not-found", "It does not exist, was revoked, or has expired.");
    if (old.replacedBy) throw new Problem("version-conflict", `The key was rolled before; its successor is ${old.replacedBy}.`);
    checkGrant(actor.principal, old);
    checkAddresses(maker?.allowedAddresses ?? [], old.allowedAddresses);

    const now = Date.now();
    const keptUntil = Math.min(now + keep_seconds * 1_000, old.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
    await changeKey(tx, id, { expiresAt: new Date(keptUntil) });
    const { name, livemode, scopes, allowedAddresses } = old;
    const expiresAt = old.expiresAt && new Date(now + old.expiresAt.getTime() - old.createdAt.getTime());
    const made = await addKey(tx, actor, { account, name, livemode, scopes, allowedAddresses, expiresAt });
    const rolled = await changeKey(tx, id, { replacedBy: made.id });

    const after = { old: auditedKey(keyRecord(rolled)), new: auditedKey(made) };
    await record(tx, actor, { action: "key.roll", target: id, account, before: { old: auditedKey(keyRecord(old)) }, after });
    return made;
  });
}
