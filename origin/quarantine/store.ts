// The SQL of the quarantine: digests of files that ended engines, each until its time is over.
import { and, desc, eq, gt, inArray, lt, lte, or, sql } from "drizzle-orm";
import type { Database } from "../db/database.ts";
import { type QuarantineRow, quarantine } from "../db/schema.ts";

const holding = gt(quarantine.until, sql`now()`);

export type Position = { since: Date; sha256: string };

export function quarantineStore(db: Database) {
  return {
    async put({ hours, ...found }: Pick<QuarantineRow, "sha256" | "job" | "operation"> & { hours: number }): Promise<void> {
      const row = { ...found, since: sql`now()`, until: sql`now() + make_interval(secs => ${hours * 3_600})`, refused: 0 };
      await db.insert(quarantine).values(row).onConflictDoUpdate({ target: quarantine.sha256, set: row });
    },
    /** Whether one of these is in quarantine. */
    async holds(digests: readonly string[]): Promise<boolean> {
      if (digests.length === 0) return false;
      const found = await db
        .select({ sha256: quarantine.sha256 })
        .from(quarantine)
        .where(and(inArray(quarantine.sha256, [...digests]), holding))
        .limit(1);
      return found.length > 0;
    },
    async countRefusal(digests: readonly string[]): Promise<void> {
      await db
        .update(quarantine)
        .set({ refused: sql`${quarantine.refused} + 1` })
        .where(and(inArray(quarantine.sha256, [...digests]), holding));
    },
    /** Newest first, from behind `after`. */
    async list(after: Position | undefined, rowsMax: number): Promise<QuarantineRow[]> {
      const behind =
        after && or(lt(quarantine.since, after.since), and(eq(quarantine.since, after.since), lt(quarantine.sha256, after.sha256)));
      return db
        .select()
        .from(quarantine)
        .where(and(holding, behind))
        .orderBy(desc(quarantine.since), desc(quarantine.sha256))
        .limit(rowsMax);
    },
    async remove(sha256: string): Promise<QuarantineRow | undefined> {
      const [row] = await db
        .delete(quarantine)
        .where(and(eq(quarantine.sha256, sha256), holding))
        .returning();
      return row;
    },
    async forgetExpired(): Promise<void> {
      await db.delete(quarantine).where(lte(quarantine.until, sql`now()`));
    },
  };
}
