import { z } from "zod";
import { UploadId } from "./ids.ts";

/** Control and direction-override characters, and halves of surrogate pairs. */
export const control = /[\p{Cc}\p{Cs}\u{202a}-\u{202e}\u{2066}-\u{2069}]/u;

/** A name for people: any characters but control and direction-override ones, no path, 1–255 characters. It never becomes a path. */
export const Filename = z
  .string()
  .min(1)
  .max(255)
  .refine((name) => !control.test(name), "must not contain control or direction-override characters")
  .refine((name) => !/[/\\]/.test(name) && name !== "." && name !== "..", "must be a name, not a path");

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const UploadRequest = z
  .strictObject({
    filename: Filename.meta({ description: "The name of the file; results are named after its stem.", examples: ["report.docx"] }),
    content_type: z
      .string()
      .max(200)
      .regex(/^[\w.+-]+\/[\w.+-]+([ \t]*;[ \t]*[\w-]+=("[ !#-~]*"|[\w.+-]+))*$/)
      .default("application/octet-stream")
      .meta({ description: "Media type; the PUT must send the same. The extension of the name decides where they differ." }),
    size: z.int().min(0).max(Number.MAX_SAFE_INTEGER).meta({ description: "Bytes; the PUT must send exactly as many." }),
    sha256: Sha256.optional().meta({ description: "Hex digest; when given, a job whose input differs fails with `upload-mismatch`." }),
  })
  .meta({ id: "UploadRequest" });
export type UploadRequest = z.infer<typeof UploadRequest>;

export const UploadTicket = z
  .object({
    id: UploadId,
    method: z.literal("PUT"),
    url: z.url().meta({ description: "Send the bytes here, once, with exactly `headers`." }),
    headers: z.record(z.string(), z.string()),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: "UploadTicket" });
export type UploadTicket = z.infer<typeof UploadTicket>;

/** Where an upload's bytes lie. The account is part of the key, so one account cannot name another's upload. */
export function uploadKey(account: string, upload: string): string {
  return `${account}/${upload}`;
}

/** Object metadata that an upload carries: header names are `x-amz-meta-` and these. */
export const uploadMetadata = { filename: "filename", sha256: "sha256" } as const;
