import type { ApiKey } from "#contract/keys.ts";
import type { ApiKeyRow } from "../db/schema.ts";

/** A key as people and the audit log see it: without itself and without its digest. */
export function keyRecord(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    hint: row.hint,
    livemode: row.livemode,
    scopes: row.scopes,
    allowed_addresses: row.allowedAddresses,
    created_at: row.createdAt.toISOString(),
    ...(row.expiresAt && { expires_at: row.expiresAt.toISOString() }),
    ...(row.revokedAt && { revoked_at: row.revokedAt.toISOString() }),
    ...(row.lastUsedAt && { last_used_at: row.lastUsedAt.toISOString() }),
    ...(row.lastUsedAddress && { last_used_address: row.lastUsedAddress }),
    ...(row.replacedBy && { replaced_by: row.replacedBy }),
  };
}
