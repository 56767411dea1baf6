import type { AdminAccount, NewAccount } from "#contract/accounts.ts";
import { Problem } from "#contract/problems.ts";
import { record } from "../audit/record.ts";
import { type Actor, drawId } from "../caller.ts";
import type { Database } from "../db/database.ts";
import { accounts } from "../db/schema.ts";
import { adminRecord } from "./admin-record.ts";

/** Makes an account without people. The name of a deleted one is not given again. */
export async function createAccount({ db }: { db: Database }, actor: Actor, { id, name, tier }: NewAccount): Promise<AdminAccount> {
  return db.transaction(async (tx) => {
    const account = id ?? drawId("acc");
    const [row] = await tx.insert(accounts).values({ id: account, slug: account, name, tier }).onConflictDoNothing().returning();
    if (!row) throw new Problem("account-exists");
    const made = adminRecord({ ...row, members: 0, keys: 0 });
    // Without the name: the log outlives the account.
    await record(tx, actor, { action: "account.create", target: account, account, after: { tier } });
    return made;
  });
}
