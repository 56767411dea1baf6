// What the origin needs of a place for bytes. Suites hold every implementation to it (test/suites/object-store.ts).
import type { Readable } from "node:stream";

export type StoredObject = { key: string; storedAt: Date };

export type ObjectStore = {
  /**
   * The bytes of exactly this version of an object.
   * Problems: `upload-not-found` when it is gone, `upload-changed` when the ETag differs, `storage-unavailable` else.
   */
  read(object: { bucket: "uploads"; key: string; etag: string }, signal: AbortSignal): Promise<Readable>;
  /** Stores a stream of known length and answers its hash; fails with `storage-unavailable` when what arrived differs from what was sent. */
  write(
    object: { bucket: "results"; key: string; contentType: string; contentDisposition: string; sizeBytes: number },
    bytes: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<{ sha256: string }>;
  /** Removes an object; one that does not exist is fine. */
  remove(object: { bucket: "uploads" | "results"; key: string }): Promise<void>;
  /** Keys that begin so, a thousand at most. */
  list(place: { bucket: "uploads" | "results"; prefix: string }): Promise<string[]>;
  /** A bucket's objects in the order of their keys, a thousand at most, from behind `after`. */
  page(place: { bucket: "uploads" | "results"; after: string | undefined }): Promise<StoredObject[]>;
  close(): Promise<void>;
};
