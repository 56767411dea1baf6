// THE table of tiers: the defaults that an installation starts with. Only the limits that are enforced are listed.
import { z } from "zod";

export const tierNames = ["free", "pro", "premium", "enterprise"] as const;
export const TierName = z.enum(tierNames).meta({ id: "Tier" });
export type TierName = z.infer<typeof TierName>;

export type Tier = {
  /** Largest upload, bytes. */
  fileBytesMax: number;
  /** Longest run of one job's steps, from the first byte fetched to the last result stored, milliseconds. */
  runDeadlineMs: number;
};

const MB = 1_000_000;

export const tiers: Record<TierName, Tier> = {
  free: { fileBytesMax: 25 * MB, runDeadlineMs: 60_000 },
  pro: { fileBytesMax: 100 * MB, runDeadlineMs: 180_000 },
  premium: { fileBytesMax: 500 * MB, runDeadlineMs: 600_000 },
  enterprise: { fileBytesMax: 1_000 * MB, runDeadlineMs: 1_800_000 },
};

/** The one size from which clamd's, the box's and the object store's limits follow. */
export const fileBytesMaxOfAllTiers = Math.max(...tierNames.map((name) => tiers[name].fileBytesMax));
