import { z } from "zod";
import { Sha256 } from "./uploads.ts";

/** A file that ended engines twice: known by its digest, whoever sends it. */
export const QuarantinedFile = z
  .object({
    sha256: Sha256,
    since: z.iso.datetime(),
    until: z.iso.datetime(),
    job: z.string().meta({ description: "The job that showed it." }),
    operation: z.string(),
    refused: z.int().meta({ description: "How many jobs were refused since." }),
  })
  .meta({ id: "QuarantinedFile" });
export type QuarantinedFile = z.infer<typeof QuarantinedFile>;
