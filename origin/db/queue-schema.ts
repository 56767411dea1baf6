// The tables of the queue, beside jobs.
import { sql } from "drizzle-orm";
import { boolean, doublePrecision, index, integer, jsonb, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";
import type { BoxHealth } from "#contract/box.ts";
import type { Lane } from "#contract/operation.ts";

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

/** How much of a lane an account has had, in milliseconds of slot by weight: who has had least is next. */
export const laneShares = pgTable(
  "lane_shares",
  {
    lane: text().$type<Lane>().notNull(),
    account: text().notNull(),
    served: doublePrecision().notNull().default(0),
    /** The account's weight when it was last charged. */
    weight: integer().notNull().default(1),
    /** Whether it could have started a job when the dispatcher looked last: who could not begins anew where the others are. */
    waiting: boolean().notNull().default(false),
    updatedAt: moment("updated_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.lane, table.account] }),
    index("lane_shares_waiting").on(table.lane, table.account).where(sql`${table.waiting}`),
  ],
);
export type LaneShareRow = typeof laneShares.$inferSelect;

/** What the dispatcher remembers of a lane from one choice to the next. */
export const laneClocks = pgTable("lane_clocks", {
  lane: text().$type<Lane>().primaryKey(),
  /** What had been served to the account that was chosen last, by service class. */
  standard: doublePrecision().notNull().default(0),
  premium: doublePrecision().notNull().default(0),
  /** Premium jobs that were chosen since the last standard one. */
  premiumInARow: integer("premium_in_a_row").notNull().default(0),
  /** When a premium job was chosen last. */
  premiumAt: moment("premium_at"),
  chosenAt: moment("chosen_at"),
  /** Whether jobs that could have started were left when the lane was full. */
  saturated: boolean().notNull().default(false),
  /** Of the time in which it was saturated, the older the less: how long that was, how many jobs left the backlog, and of what cost. */
  observedMs: doublePrecision("observed_ms").notNull().default(0),
  drainedJobs: doublePrecision("drained_jobs").notNull().default(0),
  drainedCostMs: doublePrecision("drained_cost_ms").notNull().default(0),
});
export type LaneClockRow = typeof laneClocks.$inferSelect;

/** The boxes that workers found well, of all hosts: those seen a moment ago are the lane's slots. */
export const laneBoxes = pgTable(
  "lane_boxes",
  {
    lane: text().$type<Lane>().notNull(),
    /** Its address, and its host where the address means something only there. */
    box: text().notNull(),
    /** What it said of itself then. */
    health: jsonb().$type<BoxHealth>().notNull(),
    seenAt: moment("seen_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.lane, table.box] })],
);

/** Files that ended engines, by the digest of the bytes as they were sent. */
export const quarantine = pgTable(
  "quarantine",
  {
    sha256: text().primaryKey(),
    since: moment("since").notNull().defaultNow(),
    until: moment("until").notNull(),
    job: text().notNull(),
    operation: text().notNull(),
    refused: integer().notNull().default(0),
  },
  (table) => [index("quarantine_until").on(table.until)],
);
export type QuarantineRow = typeof quarantine.$inferSelect;
