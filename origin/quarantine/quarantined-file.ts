import type { QuarantinedFile } from "#contract/quarantine.ts";
import type { QuarantineRow } from "../db/schema.ts";

export const quarantinedFile = ({ sha256, since, until, job, operation, refused }: QuarantineRow): QuarantinedFile => ({
  sha256,
  since: since.toISOString(),
  until: until.toISOString(),
  job,
  operation,
  refused,
});
