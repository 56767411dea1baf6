// How fresh an account's snapshot is kept: pushed by the origin, refreshed in the background, waited for when it is old.
import type { AccountSnapshot } from "#contract/accounts.ts";

export type Held = { snapshot: AccountSnapshot; at: number };

type Needs = {
  /** What was stored before the object slept. */
  held: Held | undefined;
  clock(): number;
  /** The origin's answer; undefined for an account that it does not know. Throws when there is none. */
  fetch(): Promise<AccountSnapshot | undefined>;
  save(held: Held): void;
  forget(): void;
  /** Is told of every fetch that failed. */
  failed(cause: unknown): void;
  refreshMs: number;
  maxMs: number;
};

/** An account that the origin does not know, or a snapshot too old while the origin is away. */
export type Current = { snapshot: AccountSnapshot } | { unknown: true } | { unavailable: unknown };

const unknownMs = 5_000;
const pauseAfterFailureMs = 1_000;
const secondLookMs = 5_000;

export function keepSnapshot({ held, clock, fetch, save, forget, failed, refreshMs, maxMs }: Needs) {
  let flight: Promise<void> | undefined;
  let unknownUntil = 0;
  let failedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown;
  let secondLookAt = Number.NEGATIVE_INFINITY;

  const age = () => (held ? clock() - held.at : Number.POSITIVE_INFINITY);
  const mayTry = () => clock() - failedAt >= pauseAfterFailureMs;

  async function load(): Promise<void> {
    const startedAt = clock();
    let found: AccountSnapshot | undefined;
    try {
      found = await fetch();
    } catch (cause) {
      failedAt = clock();
      failure = cause;
      failed(cause);
      return;
    }
    if (found === undefined) {
      if (held) forget();
      held = undefined;
      unknownUntil = clock() + unknownMs;
      return;
    }
    // A push may have overtaken the answer.
    if (held && age() < maxMs && found.version < held.snapshot.version) return;
    held = { snapshot: found, at: startedAt };
    save(held);
  }

  /** However many ask, one request goes out. */
  function refresh(): Promise<void> {
    flight ??= load().finally(() => {
      flight = undefined;
    });
    return flight;
  }

  const now = (): Current => {
    if (held && age() < maxMs) return { snapshot: held.snapshot };
    return unknownUntil > clock() ? { unknown: true } : { unavailable: failure };
  };

  return {
    /** Answers at once while the snapshot is fresh, or when the origin has just failed; else it waits for the origin. */
    async current(): Promise<Current> {
      if (age() < refreshMs || unknownUntil > clock() || (flight === undefined && !mayTry())) return now();
      const refreshed = refresh();
      if (age() >= 2 * refreshMs) await refreshed;
      return now();
    },
    /** For a key that the snapshot does not know: it may be newer than the snapshot. */
    async lookAgain(): Promise<Current> {
      // Whoever comes while somebody's look is on its way sees what that one sees.
      if (flight === undefined && clock() - secondLookAt < secondLookMs) return now();
      secondLookAt = clock();
      await refresh();
      return now();
    },
    push(snapshot: AccountSnapshot): void {
      unknownUntil = 0;
      // Nobody has asked for the account, and nobody is about to.
      if (!held && flight === undefined) return;
      if (held && snapshot.version <= held.snapshot.version) return;
      held = { snapshot, at: clock() };
      save(held);
    },
    drop(): void {
      held = undefined;
    },
  };
}
