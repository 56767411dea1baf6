import { isDeepStrictEqual } from "node:util";
import type { TierChange, TierVersion } from "#contract/accounts.ts";
import { parseRequest } from "#contract/parse.ts";
import { Problem } from "#contract/problems.ts";
import { TierLimits, type TierName } from "#contract/tiers.ts";
import { currentTier } from "../accounts/account-state.ts";
import { bumpVersion } from "../accounts/bump-version.ts";
import { record } from "../audit/record.ts";
import type { Actor } from "../caller.ts";
import type { Database } from "../db/database.ts";
import { tierVersions } from "../db/schema.ts";
import { tierRecord } from "./tier-record.ts";

/** Makes a tier's next version from the one that the caller has seen; it holds for every account of the tier at once. */
export async function changeTier({ db }: { db: Database }, actor: Actor, name: TierName, change: TierChange): Promise<TierVersion> {
  const { key, subject } = actor.principal;
  return db.transaction(async (tx) => {
    const current = await currentTier(tx, name);
    const conflict = () => new Problem("version-conflict", "Read the tier again, and make the change from its newest version.");
    if (current.version !== change.version) throw conflict();
    const limits = parseRequest(TierLimits, { ...current.limits, ...change.limits });
    const features = change.features ?? current.features;
    if (isDeepStrictEqual({ limits, features }, { limits: current.limits, features: current.features })) return tierRecord(current);

    const next = { name, version: current.version + 1, limits, features, createdBy: key ?? subject };
    const [row] = await tx.insert(tierVersions).values(next).onConflictDoNothing().returning();
    if (!row) throw conflict();
    await bumpVersion(tx, { tier: name });
    await record(tx, actor, { action: "tier.change", target: name, before: tierRecord(current), after: tierRecord(row) });
    return tierRecord(row);
  });
}
