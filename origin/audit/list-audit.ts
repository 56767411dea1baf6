import { and, desc, eq, gte, like, lt, lte } from "drizzle-orm";
import type { z } from "zod";
import type { AuditEntry } from "#contract/accounts.ts";
import type { AuditQuery } from "#contract/routes/admin.ts";
import type { Database } from "../db/database.ts";
import { type AuditRow, auditLog } from "../db/schema.ts";
import { pageOf, seqBefore, startingWith } from "../paging.ts";

type Page = { data: AuditEntry[]; next_cursor?: string };

/** What was done, newest first. */
export async function listAudit({ db }: { db: Database }, query: z.output<typeof AuditQuery>): Promise<Page> {
  const { limit, after, account, actor, action, target, from, to } = query;
  const before = seqBefore(after);
  const rows = await db
    .select()
    .from(auditLog)
    .where(
      and(
        before === undefined ? undefined : lt(auditLog.seq, before),
        account === undefined ? undefined : eq(auditLog.account, account),
        actor === undefined ? undefined : eq(auditLog.actor, actor),
        target === undefined ? undefined : eq(auditLog.target, target),
        action === undefined ? undefined : like(auditLog.action, startingWith(action)),
        from === undefined ? undefined : gte(auditLog.at, new Date(from)),
        to === undefined ? undefined : lte(auditLog.at, new Date(to)),
      ),
    )
    .orderBy(desc(auditLog.seq))
    .limit(limit + 1);
  return pageOf(rows, limit, auditEntry);
}

function auditEntry({ id, at, account, actor, action, target, before, after, address, requestId }: AuditRow): AuditEntry {
  return {
    id,
    at: at.toISOString(),
    ...(account !== null && { account }),
    actor,
    action,
    target,
    ...(before !== null && { before }),
    ...(after !== null && { after }),
    ...(address !== null && { address }),
    ...(requestId && { request_id: requestId }),
  };
}
