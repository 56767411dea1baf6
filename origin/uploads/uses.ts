import { and, eq, isNull, ne, type SQL, sql } from "drizzle-orm";
import type { Database } from "../db/database.ts";
import { inState, jobs, uploadsOf } from "../db/schema.ts";

/** Jobs of an account that have an upload among their inputs. */
const using = (account: string, upload: string, more: SQL | undefined) =>
  and(eq(jobs.account, account), sql`${uploadsOf(jobs.inputs)} @> ${JSON.stringify(upload)}::jsonb`, more);

/** Whether a job that has not ended needs the upload. */
export const neededByUnended = (db: Database, account: string, upload: string): Promise<boolean> =>
  any(db, using(account, upload, inState("queued", "running")));

/** Whether a job beside this one still has the upload among its files. */
export const keptByOther = (db: Database, { account, id }: { account: string; id: string }, upload: string): Promise<boolean> =>
  any(db, using(account, upload, and(ne(jobs.id, id), isNull(jobs.filesDeletedAt))));

async function any(db: Database, which: SQL | undefined): Promise<boolean> {
  const found = await db.select({ id: jobs.id }).from(jobs).where(which).limit(1);
  return found.length > 0;
}
