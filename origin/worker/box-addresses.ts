// Where the boxes of a lane are: at fixed addresses, and at every address of a DNS name (dns://name:port), which come and go.
import { lookup } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";

export type Resolve = (name: string) => Promise<string[]>;

/** By the system's resolver, which honours /etc/hosts and Docker's own DNS, and keeps nothing. */
export const systemResolve: Resolve = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

/** A name that cannot be resolved keeps its addresses for so long. */
export const addressesKeptMs = 60_000;
/** A resolver that takes longer is not waited for. */
const resolvesWithinMs = 2_000;

export type BoxAddresses = () => Promise<string[]>;

type Options = { resolve?: Resolve; now?: () => number; withinMs?: number; onError(error: unknown): void };

/** Answers the addresses as they are now, each as unix:/path or http://host:port. */
export function boxAddresses(
  configured: readonly string[],
  { resolve = systemResolve, now = Date.now, withinMs = resolvesWithinMs, onError }: Options,
): BoxAddresses {
  const sources = configured.map((address): BoxAddresses => {
    const url = new URL(address);
    return url.protocol === "dns:" ? addressesOf(url, { resolve, now, withinMs, onError }) : async () => [address];
  });
  return async () => [...new Set((await Promise.all(sources.map((source) => source()))).flat())];
}

function addressesOf({ hostname, port }: URL, { resolve, now, withinMs, onError }: Required<Options>): BoxAddresses {
  let known: string[] = [];
  let knownAt = now();
  let failing = false;
  let pending: Promise<void> | undefined;

  const ask = () =>
    resolve(hostname)
      .then((found) => {
        known = found.sort().map((ip) => `http://${ip.includes(":") ? `[${ip}]` : ip}:${port}`);
        knownAt = now();
        failing = false;
      })
      .catch((cause: unknown) => {
        if (!failing) onError(new Error(`the boxes at dns://${hostname}:${port} are not found`, { cause }));
        failing = true;
      })
      .finally(() => {
        pending = undefined;
      });

  return async () => {
    pending ??= ask();
    // What was known goes on meanwhile.
    await Promise.race([pending, sleep(withinMs, undefined, { ref: false })]);
    return now() - knownAt < addressesKeptMs ? known : [];
  };
}
