// AWS Signature Version 4 by header, for requests to R2 whose body is not signed. Node's own HMAC answers at once; Web Crypto takes a thread for each step.
import { createHash, createHmac } from "node:crypto";

type Credentials = { accessKeyId: string; secretAccessKey: string };
export type Signer = (method: string, url: URL, headers: Record<string, string>, now: Date) => Record<string, string>;

/** What others on the way may write anew. */
const unsigned = new Set(["content-length", "content-type"]);
const scopeEnd = "auto/s3/aws4_request";

/** Answers a request's headers with the signature added. The path must be encoded already. */
export function signer({ accessKeyId, secretAccessKey }: Credentials): Signer {
  let known: { day: string; key: Buffer } | undefined;
  const keyOf = (day: string): Buffer => {
    if (known?.day !== day) known = { day, key: [day, ...scopeEnd.split("/")].reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`)) };
    return known.key;
  };
  return (method, url, headers, now) => {
    const moment = now.toISOString().replace(/[-:]|\.\d+/g, "");
    const day = moment.slice(0, 8);
    const sent = { ...headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD", "x-amz-date": moment };
    const signed = Object.entries({ ...sent, host: url.host })
      .filter(([name]) => !unsigned.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const names = signed.map(([name]) => name).join(";");
    const lines = signed.map(([name, value]) => `${name}:${value.trim().replace(/\s+/g, " ")}\n`).join("");
    const query = url.search.slice(1).split("&").sort().join("&");
    const request = [method, url.pathname, query, lines, names, "UNSIGNED-PAYLOAD"].join("\n");
    const digest = createHash("sha256").update(request).digest("hex");
    const signature = hmac(keyOf(day), ["AWS4-HMAC-SHA256", moment, `${day}/${scopeEnd}`, digest].join("\n")).toString("hex");
    const credential = `${accessKeyId}/${day}/${scopeEnd}`;
    return { ...sent, authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}` };
  };
}

const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
