// Bytes at a position, of an open file or of memory: containers are nested, and only the outermost is a file.
import { readSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";

export type ByteSource = { size: number; read(position: number, length: number): Buffer };

export function fileSource(file: FileHandle, size: number): ByteSource {
  return {
    size,
    read(position, length) {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - position)));
      return buffer.subarray(0, buffer.length === 0 ? 0 : readSync(file.fd, buffer, 0, buffer.length, position));
    },
  };
}

export function memorySource(bytes: Buffer): ByteSource {
  return { size: bytes.length, read: (position, length) => bytes.subarray(position, position + length) };
}
