import { and, desc, eq, exists, ilike, isNotNull, isNull, lt, or, sql } from "drizzle-orm";
import type { z } from "zod";
import type { AdminAccount } from "#contract/accounts.ts";
import type { AccountsQuery } from "#contract/routes/admin.ts";
import type { Database } from "../db/database.ts";
import { accounts, members, users } from "../db/schema.ts";
import { containing, pageOf, seqBefore } from "../paging.ts";
import { adminRecord, countedAccounts } from "./admin-record.ts";

type Page = { data: AdminAccount[]; next_cursor?: string };

/** Accounts, newest first; `search` is part of the id, the name, or a member's e-mail address. */
export async function listAccounts({ db }: { db: Database }, query: z.output<typeof AccountsQuery>): Promise<Page> {
  const { limit, after, search, tier, suspended } = query;
  const before = seqBefore(after);
  const which = and(
    isNull(accounts.deletedAt),
    before === undefined ? undefined : lt(accounts.seq, before),
    tier && eq(accounts.tier, tier),
    suspended && (suspended === "true" ? isNotNull : isNull)(accounts.suspendedAt),
    search ? matches(db, containing(search)) : undefined,
  );
  const rows = await countedAccounts(db, which)
    .orderBy(desc(accounts.seq))
    .limit(limit + 1);
  return pageOf(rows, limit, adminRecord);
}

function matches(db: Database, pattern: string) {
  const member = db
    .select({ one: sql`1` })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.organizationId, accounts.id), ilike(users.email, pattern)));
  return or(ilike(accounts.id, pattern), ilike(accounts.name, pattern), exists(member));
}
