import type { Principal } from "#contract/assertion.ts";
import type { ApiKey } from "#contract/keys.ts";
import type { Database } from "../db/database.ts";
import { keyRecord } from "./key-record.ts";
import { listedKeys } from "./store.ts";

/** The account's keys, newest first; those that were revoked or have expired for a month more. */
export async function listKeys({ db }: { db: Database }, principal: Principal): Promise<{ data: ApiKey[] }> {
  return { data: (await listedKeys(db, principal)).map(keyRecord) };
}
