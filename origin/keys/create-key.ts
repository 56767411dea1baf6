import type { KeyRequest, NewApiKey } from "#contract/keys.ts";
import { lockAccount } from "../accounts/lock-account.ts";
import { record } from "../audit/record.ts";
import type { Actor } from "../caller.ts";
import type { Database } from "../db/database.ts";
import { addKey } from "./add-key.ts";
import { checkAddresses, checkGrant } from "./check-grant.ts";
import { auditedKey } from "./key-record.ts";
import { requireStanding } from "./require-standing.ts";

type Needs = { db: Database };

/** Makes a key for the caller's own account. */
export async function createKey({ db }: Needs, actor: Actor, request: KeyRequest): Promise<NewApiKey> {
  checkGrant(actor.principal, { scopes: request.scopes, livemode: modeOf(actor, request) });
  return writeKey(db, actor, actor.principal.account, request);
}

/** Makes a key for any account, with any scope: who calls it has the scope `admin`. */
export async function createKeyFor({ db }: Needs, actor: Actor, account: string, request: KeyRequest): Promise<NewApiKey> {
  checkGrant({ ...actor.principal, scopes: request.scopes }, { scopes: request.scopes, livemode: modeOf(actor, request) });
  return writeKey(db, actor, account, request);
}

const modeOf = ({ principal }: Actor, { livemode }: KeyRequest) => livemode ?? principal.livemode;

const writeKey = (db: Database, actor: Actor, account: string, request: KeyRequest): Promise<NewApiKey> =>
  db.transaction(async (tx) => {
    await lockAccount(tx, account);
    const maker = await requireStanding(tx, actor.principal);
    const { name, scopes, expires_in_seconds, allowed_addresses } = request;
    const expiresAt = expires_in_seconds === undefined ? null : new Date(Date.now() + expires_in_seconds * 1_000);
    // An administrator's list says nothing about the keys of others.
    const makers = (maker?.account === account && maker.allowedAddresses) || [];
    const allowedAddresses = allowed_addresses.length > 0 ? allowed_addresses : makers;
    checkAddresses(makers, allowedAddresses);
    const wanted = { account, name, livemode: modeOf(actor, request), scopes, allowedAddresses, expiresAt };
    const made = await addKey(tx, actor, wanted);
    await record(tx, actor, { action: "key.create", target: made.id, account, after: auditedKey(made) });
    return made;
  });
