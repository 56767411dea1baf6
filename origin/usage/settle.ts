import { isFinal } from "#contract/jobs.ts";
import type { Database } from "../db/database.ts";
import { type JobRow, ledger } from "../db/schema.ts";
import { amountsOf, negative } from "./amounts.ts";
import { book } from "./book.ts";

/**
 * Every end of a job passes here, in the transaction of that end: what it reserved is charged when it succeeded, and given back otherwise.
 * A job of a test key has no period, and costs nothing.
 */
export async function settle(db: Database, row: JobRow): Promise<void> {
  if (!isFinal(row.state)) throw new RangeError(`a ${row.state} job has not ended`);
  if (row.period === null) return;
  const { id: job, account, key, period } = row;
  const amounts = amountsOf(row);
  const succeeded = row.state === "succeeded";
  const operation = row.steps.map((step) => step.operation).join(",");
  if (succeeded) await db.insert(ledger).values({ job, account, key, operation, period, ...amounts });
  await book(db, { account, period }, { reserved: negative(amounts), ...(succeeded && { used: amounts }) });
}
