import type { JobInput } from "#contract/jobs.ts";
import { Problem } from "#contract/problems.ts";
import { uploadKey, uploadMetadata } from "#contract/uploads.ts";
import type { Admitted } from "../accounts/account-object.ts";
import { checkSize } from "../uploads/check-size.ts";

const fallbackType = "application/octet-stream";

/** An uploaded object as a job's input: from here on the job is about these bytes and no others. */
export async function pinInput(uploads: Pick<R2Bucket, "head">, admitted: Admitted, upload: string): Promise<JobInput> {
  const key = uploadKey(admitted.principal.account, upload);
  const object = await uploads.head(key).catch((cause: unknown) => {
    throw new Problem("storage-unavailable", undefined, { cause });
  });
  if (object === null) throw new Problem("upload-not-found", `${upload} was never sent, or has been deleted.`);
  checkSize(object.size, admitted);
  const sha256 = object.customMetadata?.[uploadMetadata.sha256];
  return {
    upload,
    key,
    etag: object.httpEtag,
    size: object.size,
    content_type: object.httpMetadata?.contentType ?? fallbackType,
    filename: decodeURIComponent(object.customMetadata?.[uploadMetadata.filename] ?? upload),
    ...(sha256 !== undefined && { sha256 }),
  };
}
