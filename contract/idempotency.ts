// draft-ietf-httpapi-idempotency-key-header: on every POST but /v1/uploads.
import { z } from "zod";

export const idempotencyKeyHeader = "idempotency-key";
export const idempotentReplayedHeader = "idempotent-replayed";
export const idempotencyKeptHours = 24;

/** The header is a structured-field string (RFC 9651), quotes included; the bare text that many clients send is taken too. */
export const IdempotencyKey = z
  .string()
  .transform((header) => /^"(.*)"$/.exec(header.trim())?.[1] ?? header.trim())
  .pipe(z.string().regex(/^[\x21-\x7e]{1,255}$/, "must be 1 to 255 visible ASCII characters"));
