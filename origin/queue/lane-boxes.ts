// The SQL of the boxes that are well, as every worker reports its own: the one truth of how many slots a lane has.
import { and, asc, gt, inArray, lt, notInArray, or, type SQL, sql } from "drizzle-orm";
import type { BoxHealth } from "#contract/box.ts";
import type { Lane } from "#contract/operation.ts";
import type { Database } from "../db/database.ts";
import { laneBoxes } from "../db/schema.ts";

/** A box is a slot until it has not been found well for so long: longer than LibreOffice takes to be replaced, and than two late answers. */
export const boxCountsMs = 12_000;
/** Operators see for so long which boxes are away. */
const keptMs = 10 * 60_000;
/** And which have left: an engine that was replaced has another address. */
const leftMs = 60_000;

export type WellBox = { lane: Lane; box: string; health: BoxHealth };
/** `counts`: it is one of its lane's slots. */
export type LaneBox = WellBox & { counts: boolean };

const since = (ms: number): SQL => sql`now() - make_interval(secs => ${ms / 1_000})`;

export type LaneBoxStore = ReturnType<typeof laneBoxStore>;

export function laneBoxStore(db: Database) {
  return {
    /** Notes boxes that are well now. */
    async seen(boxes: readonly WellBox[]): Promise<void> {
      if (boxes.length === 0) return;
      // In one order, so that two workers with the same boxes do not lock each other out.
      const rows = [...boxes].sort((a, b) => (a.lane + a.box < b.lane + b.box ? -1 : 1));
      await db
        .insert(laneBoxes)
        .values(rows)
        .onConflictDoUpdate({ target: [laneBoxes.lane, laneBoxes.box], set: { health: sql`excluded.health`, seenAt: sql`now()` } });
    },
    async list(): Promise<LaneBox[]> {
      const { lane, box, health, seenAt } = laneBoxes;
      const counts = sql<boolean>`${gt(seenAt, since(boxCountsMs))}`;
      return db.select({ lane, box, health, counts }).from(laneBoxes).orderBy(asc(lane), asc(box));
    },
    async slots(): Promise<Record<Lane, number>> {
      const rows = await db
        .select({ lane: laneBoxes.lane, slots: sql<number>`count(*)::int` })
        .from(laneBoxes)
        .where(gt(laneBoxes.seenAt, since(boxCountsMs)))
        .groupBy(laneBoxes.lane);
      return { office: 0, light: 0, ...Object.fromEntries(rows.map(({ lane, slots }) => [lane, slots])) };
    },
    /** `known` are the boxes that a worker of these lanes looks for. */
    async forgetGone(lanes: readonly Lane[], known: readonly string[]): Promise<void> {
      const { lane, box, seenAt } = laneBoxes;
      const left = and(inArray(lane, [...lanes]), notInArray(box, [...known]), lt(seenAt, since(leftMs)));
      await db.delete(laneBoxes).where(or(lt(seenAt, since(keptMs)), left));
    },
  };
}
