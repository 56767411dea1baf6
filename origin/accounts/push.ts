// Tells the edge what changed of accounts. Woken by changes of this process; those of others are found by looking, every two seconds.
import { setTimeout as sleep } from "node:timers/promises";
import { and, eq, lt } from "drizzle-orm";
import type { Database } from "../db/database.ts";
import { accounts } from "../db/schema.ts";
import type { SendSnapshot } from "./send-snapshot.ts";
import { snapshotToPush } from "./snapshot.ts";
import { unpushedAccounts } from "./unpushed-accounts.ts";

type Needs = { db: Database; send: SendSnapshot; onError(error: unknown): void };

/**
 * `wake`: something changed, for one account or for many. One that is named goes before those that wait, and the promise is kept when the edge
 * knows of it, or is not to be told within a second: who is answered after it may use a new key at once, and a revoked one no more.
 */
export type AccountPush = { wake(account?: string): Promise<void>; stop(): Promise<void> };

const lookEveryMs = 2_000;
const toldWithinMs = 1_000;
const atOnce = 8;
/** So many failures one after the other mean that the edge is away, and not that an account is odd. */
const failuresInARowMax = atOnce;
const pauseMs = (failedRounds: number) => (failedRounds === 0 ? lookEveryMs : Math.min(250 * 2 ** failedRounds, 4_000));

type Waiting = { id: string; tried?: () => void };

/** Any number of processes may push: the edge takes what is newer, and the version that it has taken only grows. */
export function accountPush({ db, send, onError }: Needs): AccountPush {
  const stopping = new AbortController();
  const { signal } = stopping;
  const urgent = new Map<string, PromiseWithResolvers<void>>();
  let woken = Promise.withResolvers<void>();

  function* takeUrgent(): Generator<Waiting> {
    for (const [id, { resolve: tried }] of urgent) {
      urgent.delete(id);
      yield { id, tried };
    }
  }

  /** Those that were named before all others. */
  async function* waiting(): AsyncGenerator<Waiting> {
    yield* takeUrgent();
    for await (const id of unpushedAccounts(db)) {
      yield* takeUrgent();
      yield { id };
    }
  }

  async function push(id: string): Promise<void> {
    const snapshot = await snapshotToPush(db, id);
    if (!snapshot) return;
    await send(snapshot, signal);
    const taken = { pushedVersion: snapshot.version };
    await db
      .update(accounts)
      .set(taken)
      .where(and(eq(accounts.id, id), lt(accounts.pushedVersion, snapshot.version)));
  }

  /** Whether the edge could be told. */
  async function round(): Promise<boolean> {
    const all = waiting();
    let inARow = 0;
    const tell = async ({ id, tried }: Waiting) => {
      try {
        await push(id);
        inARow = 0;
      } catch (error) {
        inARow += 1;
        if (!signal.aborted) onError(error);
      } finally {
        tried?.();
      }
    };
    const pushSome = async () => {
      for await (const one of all) {
        await tell(one);
        if (inARow >= failuresInARowMax || signal.aborted) break; // ends `all` for all
      }
    };
    await Promise.all(Array.from({ length: atOnce }, pushSome));
    return inARow === 0;
  }

  const wait = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});

  async function loop(): Promise<void> {
    for (let failedRounds = 0; !signal.aborted; ) {
      woken = Promise.withResolvers();
      const told = await round().catch((error: unknown) => {
        onError(error);
        return false;
      });
      failedRounds = told ? 0 : failedRounds + 1;
      if (!told) await wait(pauseMs(1));
      await Promise.race([woken.promise, wait(pauseMs(failedRounds))]);
    }
  }

  const running = loop();
  return {
    async wake(account) {
      if (account === undefined) return woken.resolve();
      const told = urgent.get(account) ?? Promise.withResolvers<void>();
      urgent.set(account, told);
      woken.resolve();
      const late = setTimeout(told.resolve, toldWithinMs);
      await told.promise.finally(() => clearTimeout(late));
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
