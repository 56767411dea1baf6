import { z } from "zod";
import { Features } from "./features.ts";
import { AccountId, KeyId } from "./ids.ts";
import { AddressRange } from "./keys.ts";
import { Scope } from "./scopes.ts";
import { LimitOverrides, TierLimits, TierName } from "./tiers.ts";

/**
 * What the edge knows of an account. The origin makes it, pushes it on every change, and answers it at `/internal/accounts/{id}`.
 * An edge that is older than the origin passes over the limits, flags and scopes that it does not know: it must not refuse the account.
 */
export const AccountSnapshot = z.object({
  account: AccountId,
  /** Grows with every change; an older snapshot never replaces a newer one. */
  version: z.int(),
  tier: TierName,
  limits: z.object(TierLimits.shape),
  features: z.partialRecord(z.string(), z.boolean()),
  suspended: z.boolean(),
  keys: z.array(
    z.object({
      id: KeyId,
      /** SHA-256 of the key, hex. */
      digest: z.string().regex(/^[0-9a-f]{64}$/),
      livemode: z.boolean(),
      scopes: z.array(z.string()).transform((names) => names.filter((name) => Scope.safeParse(name).success) as Scope[]), // the filter's word
      expires_at: z.iso.datetime().optional(),
      allowed_addresses: z.array(AddressRange),
    }),
  ),
});
export type AccountSnapshot = z.infer<typeof AccountSnapshot>;

/** What is left of a monthly quota; null where there is no limit. */
const Left = z.object({ used: z.int(), reserved: z.int(), limit: z.int().nullable(), left: z.int().nullable() });

/** `GET /v1/account`. */
export const Account = z
  .object({
    id: AccountId,
    name: z.string(),
    tier: TierName,
    livemode: z.boolean(),
    suspended: z.boolean(),
    limits: TierLimits,
    features: Features,
    period: z.object({ starts_at: z.iso.datetime(), ends_at: z.iso.datetime() }),
    quota: z.object({ conversions: Left, input_bytes: Left, pages: Left, ocr_pages: Left }),
    jobs: z.object({ running: z.int(), queued: z.int() }),
    test: z
      .object({ pages_max: z.int(), jobs_per_day: z.int(), jobs_today: z.int() })
      .optional()
      .meta({ description: "What test keys may besides, instead of a quota." }),
  })
  .meta({ id: "Account" });
export type Account = z.infer<typeof Account>;

/** As administrators see it. */
export const AdminAccount = z
  .object({
    id: AccountId,
    name: z.string(),
    tier: TierName,
    limit_overrides: LimitOverrides,
    features: Features,
    suspended_at: z.iso.datetime().optional(),
    suspended_reason: z.string().optional(),
    version: z.int(),
    created_at: z.iso.datetime(),
    members: z.int(),
    keys: z.int(),
  })
  .meta({ id: "AdminAccount" });
export type AdminAccount = z.infer<typeof AdminAccount>;

export const NewAccount = z
  .strictObject({ id: AccountId.optional(), name: z.string().trim().min(1).max(100), tier: TierName.default("free") })
  .meta({ id: "NewAccount" });
export type NewAccount = z.infer<typeof NewAccount>;

export const AccountChange = z
  .strictObject({
    tier: TierName.optional(),
    limit_overrides: LimitOverrides.optional().meta({ description: "All of them: what is not named is the tier's again." }),
    features: Features.optional().meta({ description: "All of them, likewise." }),
    suspended: z.boolean().optional(),
    reason: z.string().trim().min(1).max(500).optional().meta({ description: "For the audit log; required to suspend." }),
  })
  .refine(({ suspended, reason }) => suspended !== true || reason !== undefined, { path: ["reason"], message: "is required to suspend" })
  .meta({ id: "AccountChange" });
export type AccountChange = z.infer<typeof AccountChange>;

/** One version of a tier. */
export const TierVersion = z
  .object({
    name: TierName,
    version: z.int(),
    limits: TierLimits,
    features: Features,
    created_at: z.iso.datetime(),
    created_by: z.string(),
  })
  .meta({ id: "TierVersion" });
export type TierVersion = z.infer<typeof TierVersion>;

export const TierChange = z
  .strictObject({
    /** The version that the change was made from: a tier that moved on meanwhile is not overwritten. */
    version: z.int(),
    limits: LimitOverrides.default({}).meta({ description: "What changes; the rest stays." }),
    features: Features.optional().meta({ description: "All of the tier's flags." }),
  })
  .meta({ id: "TierChange" });
export type TierChange = z.infer<typeof TierChange>;

/** Who did what, to what, from where. Append-only. */
export const AuditEntry = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    account: AccountId.optional(),
    actor: z.string().meta({ description: "Key id, user id, or `system`.", examples: ["key_…", "usr_…"] }),
    action: z.string().meta({ examples: ["key.create", "account.suspend", "tier.change"] }),
    target: z.string(),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
    address: z.string().optional(),
    request_id: z.string().optional(),
  })
  .meta({ id: "AuditEntry" });
export type AuditEntry = z.infer<typeof AuditEntry>;
