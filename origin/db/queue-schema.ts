// The tables of the queue, beside jobs.
import { doublePrecision, index, integer, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";
import type { Lane } from "#contract/operation.ts";

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

/** How much of a lane an account has had, in milliseconds of slot by weight: who has had least is next. */
export const laneShares = pgTable(
  "lane_shares",
  {
    lane: text().$type<Lane>().notNull(),
    account: text().notNull(),
    served: doublePrecision().notNull().default(0),
    updatedAt: moment("updated_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.lane, table.account] })],
);
export type LaneShareRow = typeof laneShares.$inferSelect;

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
