import type { TierVersion } from "#contract/accounts.ts";
import type { TierVersionRow } from "../db/schema.ts";

export function tierRecord({ name, version, limits, features, createdAt, createdBy }: TierVersionRow): TierVersion {
  return { name, version, limits, features, created_at: createdAt.toISOString(), created_by: createdBy };
}
