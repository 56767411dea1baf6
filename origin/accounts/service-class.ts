import type { TierLimits } from "#contract/tiers.ts";
import type { Database } from "../db/database.ts";
import { accountState } from "./account-state.ts";

type ServiceClass = TierLimits["service_class"];

const keptMs = 60_000;
const keptMax = 10_000;

/** Accounts' service classes for logs and metrics, a minute old at most. */
export function serviceClassOf(db: Database): (account: string) => Promise<ServiceClass | undefined> {
  const kept = new Map<string, { value: Promise<ServiceClass | undefined>; until: number }>();
  return (account) => {
    const known = kept.get(account);
    if (known && known.until > Date.now()) return known.value;
    if (kept.size >= keptMax) kept.clear();
    const value = accountState(db, account).then((state) => state?.limits.service_class);
    value.catch(() => kept.delete(account));
    kept.set(account, { value, until: Date.now() + keptMs });
    return value;
  };
}
