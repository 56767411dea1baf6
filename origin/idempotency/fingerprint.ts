import { createHash } from "node:crypto";

/** SHA-256 of what a request asks for, hex: the order of fields, and fields that are undefined, make no difference. */
export function fingerprint(payload: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(canonical(payload)) ?? "")
    .digest("hex");
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, part]) => [name, canonical(part)]));
}
