import { z } from "zod";
import { secret } from "./operation.ts";

/** The option that operations on files which may be encrypted share; the worker has the box unlock the input with it first. */
export const password = () =>
  secret(z.string().min(1).max(255))
    .optional()
    .meta({ description: "Opens an encrypted file. Stored encrypted, never returned or logged, erased when the job ends." });
