// What the drill must notice: faults of the house, made on purpose.
import type { JobStore } from "#origin/jobs/store.ts";
import type { ObjectStore } from "#origin/storage/object-store.ts";

export type Broken = { store(store: JobStore): JobStore; objects(objects: ObjectStore): ObjectStore };

const whole: Broken = { store: (store) => store, objects: (objects) => objects };

const breaks = {
  /** Nobody looks for lost runs and lost entries. */
  sweep: { ...whole, store: (store) => ({ ...store, abandoned: async () => [], longInWindow: async () => [] }) },
  /** The record tells another digest than that of the bytes. */
  digest: {
    ...whole,
    objects: (objects) => ({
      ...objects,
      async write(object, bytes, signal) {
        await objects.write(object, bytes, signal);
        return { sha256: "0".repeat(64) };
      },
    }),
  },
  /** What a deletion leaves behind. */
  deletion: { ...whole, objects: (objects) => ({ ...objects, remove: async () => {} }) },
} satisfies Record<string, Broken>;

export const breakNames = Object.keys(breaks);

/** The house as it is, without a name. */
export function brokenOf(name: string | undefined): Broken {
  if (name === undefined || name === "") return whole;
  const found = Object.entries(breaks).find(([known]) => known === name)?.[1];
  if (!found) throw new Error(`what can be broken: ${breakNames.join(", ")}`);
  return found;
}
