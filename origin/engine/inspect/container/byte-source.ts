// Bytes at a position, of an open file or of memory: containers are nested, and only the outermost is a file.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

export type ByteSource = { size: number; read(position: number, length: number): Buffer };

/** An open file. Its calls wait, because a workspace lies in memory: handing each to a thread costs more than the call. */
export async function readingFile<T>(path: string, read: (source: ByteSource) => T | Promise<T>): Promise<T> {
  const descriptor = openSync(path, "r");
  try {
    return await read(fileSource(descriptor, fstatSync(descriptor).size));
  } finally {
    closeSync(descriptor);
  }
}

function fileSource(descriptor: number, size: number): ByteSource {
  return {
    size,
    read(position, length) {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - position)));
      return buffer.subarray(0, buffer.length === 0 ? 0 : readSync(descriptor, buffer, 0, buffer.length, position));
    },
  };
}

export function memorySource(bytes: Buffer): ByteSource {
  return { size: bytes.length, read: (position, length) => bytes.subarray(position, position + length) };
}
