// Several clamds as one scanner.
import { Problem } from "#contract/problems.ts";
import { type Daemon, daemon, type Rules, type Scan } from "./daemon.ts";
import type { Version } from "./replies.ts";

export type Scanner = {
  /** Starts a scan of one stream, at the next clamd that takes it. */
  open(signal: AbortSignal): Promise<Scan>;
  /** Fails with `scanner-unavailable` unless some clamd answered within the last second, reads what it must and has signatures that count. */
  ready(): Promise<void>;
  /** What the configurations of those clamds lack that are there now. One that is away is tested when it comes back. */
  misfits(): Promise<string[]>;
  /** What each clamd says of itself; nothing where it is away or does not count. */
  look(): Promise<{ address: string; version: Version | undefined }[]>;
};

const lookKeptMs = 5_000;
/** Every job asks: one that went away meanwhile is met by the scan, and handed back. */
const readyKeptMs = 1_000;

/** Addresses are unix:/path or tcp://host:port. */
export function clamd({ addresses, ...rules }: Rules & { addresses: readonly string[] }): Scanner {
  const daemons = addresses.map((address) => daemon(address, rules));
  let turn = 0;

  async function first<T>(ask: (one: Daemon) => Promise<T>): Promise<T> {
    const offset = turn++;
    let refused: unknown;
    for (let index = 0; index < daemons.length; index++) {
      const one = daemons[(offset + index) % daemons.length];
      if (!one) break;
      try {
        return await ask(one);
      } catch (error) {
        refused = error;
      }
    }
    throw refused ?? new Problem("scanner-unavailable");
  }

  return {
    ready: async () => void (await first((one) => one.version(readyKeptMs))),
    open: (signal) => first((one) => one.open(signal)),
    look: () =>
      Promise.all(
        daemons.map(async (one, index) => ({
          address: addresses[index] ?? "",
          version: await one.version(lookKeptMs).catch(() => undefined),
        })),
      ),
    async misfits() {
      await Promise.allSettled(daemons.map((one) => one.version(0)));
      return daemons.flatMap((one) => one.misfit() ?? []);
    },
  };
}
