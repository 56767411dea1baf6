// Whose connections the door takes where boxes share a network: a box that was taken over must not keep the others busy.
import { lookup } from "node:dns/promises";

type Resolve = (name: string) => Promise<string[]>;
type Options = { resolve?: Resolve; now?: () => number };

const systemResolve: Resolve = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);
/** Callers come and go; an address that a worker had may be an engine's next. */
const knownMs = 10_000;
/** Whoever knocks without being known has the names asked for at most this often. */
const askEveryMs = 500;
/** A name server that fails makes nobody a stranger for so long. */
const keptMs = 60_000;

export type Callers = (socket: { remoteAddress?: string | undefined }) => Promise<boolean>;

/** Everybody when no names are given. Always whoever comes by a socket's file or from this very box, as its health check does. */
export function callers(names: readonly string[], { resolve = systemResolve, now = Date.now }: Options = {}): Callers {
  let known = new Set<string>();
  let foundAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let pending: Promise<void> | undefined;

  async function ask(): Promise<void> {
    const found = await Promise.all(names.map((name) => resolve(name).catch(() => undefined)));
    askedAt = now();
    pending = undefined;
    if (found.includes(undefined) && askedAt - foundAt < keptMs) return;
    known = new Set(found.flatMap((addresses) => addresses ?? []));
    foundAt = askedAt;
  }

  function asked(): Promise<void> {
    pending ??= ask();
    return pending;
  }

  return async ({ remoteAddress }) => {
    const address = remoteAddress?.replace(/^::ffff:/, "");
    if (names.length === 0 || address === undefined || address === "127.0.0.1" || address === "::1") return true;
    const ageMs = now() - askedAt;
    if (ageMs > knownMs || (!known.has(address) && ageMs > askEveryMs)) await asked();
    return known.has(address);
  };
}
