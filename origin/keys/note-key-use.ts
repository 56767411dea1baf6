import { and, eq, sql } from "drizzle-orm";
import type { Caller } from "#contract/assertion.ts";
import type { Database } from "../db/database.ts";
import { apiKeys } from "../db/schema.ts";

export type NoteKeyUse = (caller: Caller) => void;

const everyMs = 60_000;
const rememberedMax = 10_000;

/** Notes when and from where a key was used last, at most once a minute. Nobody waits for it, and no request fails of it. */
export function noteKeyUse({ db, onError }: { db: Database; onError(error: unknown): void }): NoteKeyUse {
  /** When this process wrote last, so that most uses ask no database. */
  const written = new Map<string, number>();
  return ({ principal, address }) => {
    const key = principal?.key;
    const now = Date.now();
    if (key === undefined || now - (written.get(key) ?? 0) < everyMs) return;
    if (written.size >= rememberedMax) written.clear();
    written.set(key, now);
    const aMinuteAgo = sql`coalesce(${apiKeys.lastUsedAt}, '-infinity') <= now() - make_interval(secs => ${everyMs / 1_000})`;
    void db
      .update(apiKeys)
      .set({ lastUsedAt: sql`now()`, lastUsedAddress: address })
      .where(and(eq(apiKeys.id, key), eq(apiKeys.account, principal?.account ?? ""), aMinuteAgo))
      .then(() => {}, onError);
  };
}
