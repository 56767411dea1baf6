import { and, asc, gte, lt, type SQL, sql } from "drizzle-orm";
import type { Database } from "../db/database.ts";
import { accounts } from "../db/schema.ts";

const unpushed = lt(accounts.pushedVersion, accounts.version);
const pageSize = 50;

/** Accounts whose change the edge does not know, each once, page by page from anywhere: two processes seldom meet, and an odd account hides no others. */
export async function* unpushedAccounts(db: Database): AsyncGenerator<string> {
  const told = new Set<string>();
  for (;;) {
    const fresh = (await somePage(db)).filter((id) => !told.has(id));
    if (fresh.length === 0) return;
    for (const id of fresh) {
      told.add(id);
      yield id;
    }
  }
}

/** All that wait, when they are few. */
async function somePage(db: Database): Promise<string[]> {
  const read = async (range: SQL | undefined, size: number, skipped: SQL | number = 0) => {
    const rows = await db
      .select({ id: accounts.id })
      .from(accounts)
      .where(and(unpushed, range))
      .orderBy(asc(accounts.id))
      .offset(skipped as number) // drizzle types an offset as a number; SQL takes an expression
      .limit(size);
    return rows.map(({ id }) => id);
  };
  const [start] = await read(undefined, 1, sql`floor(random() * (select count(*) from ${accounts} where ${unpushed}))`);
  if (start === undefined) return [];
  const page = await read(gte(accounts.id, start), pageSize);
  return page.length === pageSize ? page : [...page, ...(await read(lt(accounts.id, start), pageSize - page.length))];
}
