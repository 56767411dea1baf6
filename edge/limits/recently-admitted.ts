// Who was admitted by this isolate a moment ago: the only ones let through while an account's object fails.
import type { Admitted } from "../accounts/account-object.ts";

const withinMs = 60_000;
const entriesMax = 1_000;

export function recentlyAdmitted() {
  const entries = new Map<string, { admitted: Admitted; at: number }>();
  return {
    remember(caller: string, admitted: Admitted, now: number): void {
      entries.delete(caller);
      entries.set(caller, { admitted, at: now });
      const [oldest] = entries.keys();
      if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest);
    },
    forget(caller: string): void {
      entries.delete(caller);
    },
    recall(caller: string, now: number): Admitted | undefined {
      const entry = entries.get(caller);
      return entry && now - entry.at <= withinMs ? entry.admitted : undefined;
    },
  };
}
