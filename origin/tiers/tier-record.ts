import type { TierVersion } from "#contract/accounts.ts";
import { TierLimits } from "#contract/tiers.ts";
import type { TierVersionRow } from "../db/schema.ts";

/** The limits in the order of their schema, which the database does not keep. */
export function tierRecord({ name, version, limits, features, createdAt, createdBy }: TierVersionRow): TierVersion {
  return { name, version, limits: TierLimits.parse(limits), features, created_at: createdAt.toISOString(), created_by: createdBy };
}
