// Presigned URLs of the object store's S3 endpoint (AWS Signature Version 4 in the query).
import { AwsV4Signer } from "aws4fetch";

export type Signing = { R2_ENDPOINT: string; R2_ACCESS_KEY_ID: string; R2_SECRET_ACCESS_KEY: string };

type Presigning = {
  method: "GET" | "PUT";
  bucket: string;
  key: string;
  /** Every one of them is bound by the signature: the client must send exactly these. */
  headers?: Record<string, string>;
  lifetimeSeconds: number;
};

/** `URL` resolves dot segments, so a key that held one would leave its bucket. */
export function objectUrl(endpoint: string, bucket: string, key: string): URL {
  const segments = key.split("/");
  if (segments.some((segment) => segment === "" || segment === "." || segment === "..")) throw new RangeError("not a key of ours");
  return new URL(`${endpoint}/${bucket}/${segments.map(encodeURIComponent).join("/")}`);
}

export async function presign(signing: Signing, { method, bucket, key, headers, lifetimeSeconds }: Presigning, now: Date): Promise<string> {
  const url = objectUrl(signing.R2_ENDPOINT, bucket, key);
  url.searchParams.set("X-Amz-Expires", `${lifetimeSeconds}`);
  const signer = new AwsV4Signer({
    method,
    url: url.href,
    headers: headers ?? {},
    accessKeyId: signing.R2_ACCESS_KEY_ID,
    secretAccessKey: signing.R2_SECRET_ACCESS_KEY,
    service: "s3",
    region: "auto",
    datetime: now.toISOString().replace(/[:-]|\.\d{3}/g, ""),
    signQuery: true,
    // Without it only `host` is bound, and the URL takes any bytes of any type.
    allHeaders: true,
  });
  return (await signer.sign()).url.href;
}
