import { z } from "zod";

/** The last row of the page before. */
export const Cursor = z.object({
  after: z
    .string()
    .regex(/^\d{1,15}\.[0-9a-f]{64}$/, "must be the next_cursor of a page")
    .transform((text) => {
      const [since, sha256 = ""] = text.split(".");
      return { since: new Date(Number(since)), sha256 };
    })
    .optional(),
});
