import type { ObjectStore } from "./object-store.ts";

const removalsAtOnce = 16;

/** Removes every object whose key begins so; answers how many there were. */
export async function removeAll(
  objects: Pick<ObjectStore, "list" | "remove">,
  place: { bucket: "uploads" | "results"; prefix: string },
): Promise<number> {
  for (let removed = 0; ; ) {
    const keys = await objects.list(place);
    if (keys.length === 0) return removed;
    const left = keys.values();
    const removeSome = async () => {
      for (const key of left) await objects.remove({ bucket: place.bucket, key });
    };
    await Promise.all(Array.from({ length: removalsAtOnce }, removeSome));
    removed += keys.length;
  }
}
