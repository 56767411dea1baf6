import type { ApiKey, NewApiKey } from "#contract/keys.ts";
import type { ApiKeyRow } from "../db/schema.ts";

/** A key as people see it: without itself and without its digest. */
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

/** A key as the audit log keeps it for ever: without the name that somebody gave it, too. */
export function auditedKey(record: ApiKey | NewApiKey): Omit<ApiKey, "name"> {
  const { name: _name, key: _key, ...kept } = { key: undefined, ...record };
  return kept;
}
