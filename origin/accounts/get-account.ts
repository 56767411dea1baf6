import type { AdminAccount } from "#contract/accounts.ts";
import { Problem } from "#contract/problems.ts";
import type { Database } from "../db/database.ts";
import { adminRecord, findCounted } from "./admin-record.ts";

export async function getAccount({ db }: { db: Database }, id: string): Promise<AdminAccount> {
  const row = await findCounted(db, id);
  if (!row) throw new Problem("account-not-found");
  return adminRecord(row);
}
