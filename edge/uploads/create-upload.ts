import { type UploadRequest, type UploadTicket, uploadKey, uploadMetadata } from "#contract/uploads.ts";
import type { Env } from "../env.ts";
import { presign, type Signing } from "../presign.ts";

const uploadLifetimeSeconds = 900;

/** A ticket to PUT the announced bytes, once. Nothing is stored: the key carries the account and the upload. */
export async function createUpload(
  env: Signing & Pick<Env, "UPLOADS_BUCKET">,
  account: string,
  id: string,
  request: UploadRequest,
  now: Date,
): Promise<UploadTicket> {
  const headers = {
    "content-type": request.content_type,
    // HTTP clients that know the length set it themselves; for those that stream it has to be said.
    "content-length": `${request.size}`,
    // The store refuses a second PUT to the same key with 412.
    "if-none-match": "*",
    [`x-amz-meta-${uploadMetadata.filename}`]: encodeURIComponent(request.filename),
    ...(request.sha256 !== undefined && { [`x-amz-meta-${uploadMetadata.sha256}`]: request.sha256 }),
  };
  const url = await presign(
    env,
    {
      method: "PUT",
      bucket: env.UPLOADS_BUCKET,
      key: uploadKey(account, id),
      headers,
      lifetimeSeconds: uploadLifetimeSeconds,
    },
    now,
  );
  return { id, method: "PUT", url, headers, expires_at: new Date(now.getTime() + uploadLifetimeSeconds * 1000).toISOString() };
}
