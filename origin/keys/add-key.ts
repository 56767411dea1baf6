import { keysPerAccountMax, type NewApiKey } from "#contract/keys.ts";
import { Problem } from "#contract/problems.ts";
import { bumpVersion } from "../accounts/bump-version.ts";
import { type Actor, drawId } from "../caller.ts";
import type { Database } from "../db/database.ts";
import { type ApiKeyRow, apiKeys } from "../db/schema.ts";
import { drawKey } from "./draw-key.ts";
import { keyRecord } from "./key-record.ts";
import { countGoodKeys } from "./store.ts";

export type Wanted = Pick<ApiKeyRow, "account" | "name" | "livemode" | "scopes" | "allowedAddresses" | "expiresAt">;

/** Writes a new key of an account whose row the transaction has locked. The key itself is in this answer and nowhere else. */
export async function addKey(tx: Database, { principal }: Actor, wanted: Wanted): Promise<NewApiKey> {
  if ((await countGoodKeys(tx, wanted.account)) >= keysPerAccountMax)
    throw new Problem("keys-max", `There are ${keysPerAccountMax}. Revoke one, or roll one with keep_seconds 0.`);
  const { key, ...kept } = drawKey(wanted);
  const [row] = await tx
    .insert(apiKeys)
    .values({ id: drawId("key"), ...wanted, ...kept, createdAt: new Date(), createdBy: principal.key ?? principal.subject })
    .returning();
  if (!row) throw new Error("the key was not written");
  await bumpVersion(tx, { account: wanted.account });
  return { ...keyRecord(row), key };
}
