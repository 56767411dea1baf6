// What an account holds, handed out and done away with.
import { z } from "zod";
import { AccountId } from "./ids.ts";
import { Job } from "./jobs.ts";
import { ApiKey } from "./keys.ts";
import { Role } from "./scopes.ts";
import { TierName } from "./tiers.ts";
import { UsageRow } from "./usage.ts";

/** `GET /v1/account/export`. */
export const AccountExport = z
  .object({
    account: z.object({ id: AccountId, name: z.string(), tier: TierName, created_at: z.iso.datetime() }),
    exported_at: z.iso.datetime(),
    people: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        email: z.string(),
        roles: z.array(Role),
        since: z.iso.datetime(),
        email_verified: z.boolean(),
      }),
    ),
    invitations: z.array(z.object({ email: z.string(), role: z.string(), status: z.string(), created_at: z.iso.datetime() })),
    keys: z.array(ApiKey).meta({ description: "Without the keys themselves, which nobody has." }),
    usage: z.array(UsageRow).meta({ description: "By day and operation." }),
    jobs: z.array(Job).meta({ description: "Oldest first, those of test keys too." }),
  })
  .meta({ id: "AccountExport" });
export type AccountExport = z.infer<typeof AccountExport>;

export const AccountDeletion = z
  .strictObject({
    confirm: AccountId.meta({ description: "The id of the account, written out." }),
    password: z.string().max(128).optional().meta({ description: "Yours. Who has none must have signed in within the last ten minutes." }),
  })
  .meta({ id: "AccountDeletion" });
export type AccountDeletion = z.infer<typeof AccountDeletion>;

export const DeletionReceipt = z
  .object({
    account: AccountId,
    deleted_at: z.iso.datetime(),
    removed: z.object({
      uploads: z.int(),
      results: z.int(),
      jobs: z.int(),
      keys: z.int(),
      members: z.int(),
      people: z.int().meta({ description: "Members who belonged to no other account." }),
      invitations: z.int(),
    }),
    kept: z.array(z.string()).meta({ description: "What stays, without names." }),
    digest: z.string().meta({ description: "SHA-256 of this receipt without `digest`, as JSON (RFC 8785 order), also in the audit log." }),
  })
  .meta({ id: "DeletionReceipt" });
export type DeletionReceipt = z.infer<typeof DeletionReceipt>;
