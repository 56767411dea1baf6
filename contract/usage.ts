import { z } from "zod";
import { KeyId } from "./ids.ts";

export const usageGroups = ["day", "operation", "key"] as const;
export const usageDaysMax = 400;

export const UsageQuery = z.object({
  from: z.iso.date().optional().meta({ description: "First day (UTC); without it the first of the month of `to`." }),
  to: z.iso
    .date()
    .optional()
    .meta({ description: `Last day (UTC), included; without it today. At most ${usageDaysMax} days are told at once.` }),
  group_by: z.enum(usageGroups).default("day"),
  format: z.enum(["json", "csv"]).default("json"),
});
export type UsageQuery = z.infer<typeof UsageQuery>;

export const UsageRow = z
  .object({
    day: z.iso.date().optional(),
    operation: z.string().optional(),
    key: KeyId.nullable().optional().meta({ description: "null: made with a session's or a foreign issuer's token." }),
    conversions: z.int(),
    input_bytes: z.int(),
    pages: z.int(),
    ocr_pages: z.int(),
  })
  .meta({ id: "UsageRow" });
export type UsageRow = z.infer<typeof UsageRow>;

export const Usage = z
  .object({
    livemode: z.boolean().meta({ description: "False for test keys, whose jobs are not metered." }),
    from: z.iso.date(),
    to: z.iso.date(),
    data: z.array(UsageRow),
    total: UsageRow,
  })
  .meta({ id: "Usage" });
export type Usage = z.infer<typeof Usage>;
