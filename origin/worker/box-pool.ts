import { setTimeout as sleep } from "node:timers/promises";
import type { BoxHealth } from "#contract/box.ts";
import { type Lane, lanes } from "#contract/operation.ts";
import { Problem } from "#contract/problems.ts";
import { boxCountsMs } from "../queue/lane-boxes.ts";
import { type Box, box } from "./box.ts";
import { boxAddresses, type Resolve } from "./box-addresses.ts";
import type { Task } from "./box-task.ts";

/** `box` is the address of the box. */
export type Leased = Task & { box: string };
/** `health` is undefined for a box that does not answer; `healthy`: it takes tasks of the lane, now or when the one that it has is over. */
export type SeenBox = { lane: Lane; address: string; health: BoxHealth | undefined; healthy: boolean };

export type BoxPool = {
  /** The lanes that have boxes here. */
  lanes: readonly Lane[];
  /** A task in a free box of the lane; waits a little for one, then `engine-unavailable`. */
  lease(lane: Lane, signal: AbortSignal): Promise<Leased>;
  /** Looks for boxes that came or went, and asks each how it is. */
  look(): Promise<SeenBox[]>;
  /** How many boxes of the lane were well when it was looked for them lately. */
  ready(lane: Lane): number;
  close(): Promise<void>;
};

type Options = { allowBare: boolean; resolve?: Resolve; onError(error: unknown): void; onBroken?(box: string, how: string): void };
/**
 * `leased` boxes are not asked, because they would say that they are busy. One that is no longer `listed` keeps the task that it has.
 * One that broke the protocol gets no task until `asideUntil`.
 */
type Entry = { box: Box; leased: boolean; listed: boolean; wellAt: number; asideUntil: number; health?: BoxHealth };

/** As many jobs run as there are boxes, so a free one is near: one that is just being wiped, or restarted. */
const patienceMs = 10_000;
const lookAgainMs = 20;
/** Those that follow must not have to find out one by one. Not longer, because an honest box may break the protocol by a fault of ours. */
export const asideMs = 60_000;
const never = Number.NEGATIVE_INFINITY;

export function boxPool(configured: Partial<Record<Lane, readonly string[]>>, options: Options): BoxPool {
  const served = lanes.flatMap((lane) => {
    const addresses = configured[lane];
    return addresses ? [{ lane, find: boxAddresses(addresses, options), entries: new Map<string, Entry>() }] : [];
  });
  type Served = (typeof served)[number];

  function forget({ entries }: Served, { box: { address, close } }: Entry): void {
    entries.delete(address);
    close().catch(options.onError);
  }

  async function update(own: Served): Promise<void> {
    const { entries, find } = own;
    const listed = new Set(await find());
    for (const address of listed) {
      const entry = entries.get(address);
      if (entry) entry.listed = true;
      else entries.set(address, entryOf(address, options));
    }
    for (const entry of entries.values()) {
      if (listed.has(entry.box.address)) continue;
      entry.listed = false;
      if (!entry.leased) forget(own, entry);
    }
  }

  async function open(own: Served, entry: Entry): Promise<Leased | undefined> {
    const release = () => {
      entry.leased = false;
      if (!entry.listed) forget(own, entry);
    };
    entry.leased = true;
    const task = await entry.box.open();
    if (!task) return void release();
    return { ...task, box: entry.box.address, end: () => task.end().finally(release) };
  }

  return {
    lanes: served.map(({ lane }) => lane),
    async lease(lane, signal) {
      const own = served.find((each) => each.lane === lane);
      if (own?.entries.size === 0) await update(own);
      for (const until = Date.now() + patienceMs; own; ) {
        for (const entry of inAnyOrder([...own.entries.values()])) {
          if (entry.leased || !entry.listed || isAside(entry)) continue;
          const task = await open(own, entry);
          if (task) return task;
        }
        if (Date.now() > until || signal.aborted) break;
        // Of workers that share boxes each is as likely to be the next.
        await sleep(lookAgainMs * (0.5 + Math.random()));
      }
      throw new Problem("engine-unavailable");
    },
    async look() {
      await Promise.all(served.map(update));
      const all = served.flatMap(({ lane, entries }) => [...entries.values()].map((entry) => ({ lane, entry })));
      return Promise.all(
        all.map(async ({ lane, entry }) => {
          // Under load an answer may be late; a box that runs a task for this worker is there until the task fails.
          const health = (await entry.box.health()) ?? (entry.leased ? entry.health : undefined);
          if (health) entry.health = health;
          const healthy = !isAside(entry) && isHealthy(health, lane, options);
          if (healthy) entry.wellAt = performance.now();
          return { lane, address: entry.box.address, health, healthy };
        }),
      );
    },
    ready(lane) {
      const entries = served.find((own) => own.lane === lane)?.entries.values() ?? [];
      return [...entries].filter(({ wellAt }) => performance.now() - wellAt < boxCountsMs).length;
    },
    close: async () => void (await Promise.all(served.flatMap(({ entries }) => [...entries.values()].map((entry) => entry.box.close())))),
  };
}

function entryOf(address: string, { allowBare, onBroken }: Options): Entry {
  const broken = (how: string) => {
    const known = isAside(entry);
    entry.asideUntil = performance.now() + asideMs;
    entry.wellAt = never;
    if (!known) onBroken?.(address, how);
  };
  const entry: Entry = { box: box(address, { allowBare, broken }), leased: false, listed: true, wellAt: never, asideUntil: never };
  return entry;
}

const isAside = ({ asideUntil }: Entry): boolean => performance.now() < asideUntil;

/** A busy box is well, whatever its LibreOffice does meanwhile; a free one when it would take a task. */
function isHealthy(health: BoxHealth | undefined, lane: Lane, { allowBare }: Options): boolean {
  if (!health?.lanes.includes(lane) || !(allowBare || health.engine.sandbox !== "none")) return false;
  return health.ready || health.slot === "busy";
}

/** Workers that tried the boxes in one order would meet at the same box again and again. */
function inAnyOrder<T>(items: T[]): T[] {
  const start = Math.floor(Math.random() * items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}
