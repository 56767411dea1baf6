// R2 over its S3 API. Requests are signed by header; bodies stream and are not part of the signature, their MD5 is compared afterwards.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { Agent, type Dispatcher, request } from "undici";
import { Problem } from "#contract/problems.ts";
import type { ObjectStore, StoredObject } from "./object-store.ts";
import { signer } from "./sign.ts";

type Options = { endpoint: string; accessKeyId: string; secretAccessKey: string; buckets: { uploads: string; results: string } };

export function r2({ endpoint, accessKeyId, secretAccessKey, buckets }: Options): ObjectStore {
  const sign = signer({ accessKeyId, secretAccessKey });
  const agent = new Agent({ connections: 64, connectTimeout: 5_000, headersTimeout: 30_000, bodyTimeout: 30_000 });

  const send = async (
    method: "GET" | "PUT" | "DELETE",
    { bucket, ...what }: { bucket: "uploads" | "results" } & ({ key: string } | { query: string }),
    headers: Record<string, string>,
    { body, signal }: { body?: AsyncIterable<Uint8Array>; signal?: AbortSignal } = {},
  ): Promise<Dispatcher.ResponseData> => {
    const place = "key" in what ? `/${what.key.split("/").map(encodeURIComponent).join("/")}` : `?${what.query}`;
    const url = new URL(`${endpoint}/${buckets[bucket]}${place}`);
    try {
      return await request(url, {
        method,
        headers: sign(method, url, headers, new Date()),
        dispatcher: agent,
        ...(body && { body: Readable.from(body, { objectMode: false }) }),
        ...(signal && { signal }),
      });
    } catch (cause) {
      throw cause instanceof Problem ? cause : new Problem("storage-unavailable", undefined, { cause });
    }
  };

  const listed = async (bucket: "uploads" | "results", query: string): Promise<StoredObject[]> => {
    const { statusCode, body } = await send("GET", { bucket, query: `list-type=2&max-keys=1000${query}` }, {});
    const text = await body.text();
    if (statusCode !== 200) throw refused("GET", statusCode);
    // Our keys hold nothing that XML would have to escape.
    return Array.from(text.matchAll(/<Contents>.*?<\/Contents>/gs), ([item]) => ({
      key: /<Key>([^<]+)<\/Key>/.exec(item)?.[1] ?? "",
      storedAt: new Date(/<LastModified>([^<]+)<\/LastModified>/.exec(item)?.[1] ?? Date.now()),
    }));
  };

  return {
    async read({ bucket, key, etag }, signal) {
      const { statusCode, body } = await send("GET", { bucket, key }, { "if-match": etag }, { signal });
      if (statusCode === 200) return body;
      await body.dump();
      if (statusCode === 404) throw new Problem("upload-not-found", "The upload was deleted before the job ran.");
      if (statusCode === 412) throw new Problem("upload-changed");
      throw refused("GET", statusCode);
    },

    async write({ bucket, key, contentType, contentDisposition, sizeBytes }, bytes, signal) {
      const sha256 = createHash("sha256");
      const md5 = createHash("md5");
      async function* hashed() {
        for await (const chunk of bytes) {
          sha256.update(chunk);
          md5.update(chunk);
          yield chunk;
        }
      }
      const headers = { "content-type": contentType, "content-disposition": contentDisposition, "content-length": `${sizeBytes}` };
      const { statusCode, headers: answer, body } = await send("PUT", { bucket, key }, headers, { body: hashed(), signal });
      await body.dump();
      if (statusCode !== 200) throw refused("PUT", statusCode);
      // The ETag of an object that was written in one PUT is its MD5.
      if (String(answer.etag).replaceAll('"', "") !== md5.digest("hex")) {
        throw new Problem("storage-unavailable", undefined, { cause: new Error("the stored bytes differ from the sent ones") });
      }
      return { sha256: sha256.digest("hex") };
    },

    async remove(object) {
      const { statusCode, body } = await send("DELETE", object, {});
      await body.dump();
      if (statusCode >= 300 && statusCode !== 404) throw refused("DELETE", statusCode);
    },

    list: async ({ bucket, prefix }) => (await listed(bucket, `&prefix=${encodeURIComponent(prefix)}`)).map(({ key }) => key),

    page: ({ bucket, after }) => listed(bucket, after === undefined ? "" : `&start-after=${encodeURIComponent(after)}`),

    close: () => agent.close(),
  };
}

const refused = (method: string, statusCode: number) =>
  new Problem("storage-unavailable", undefined, { cause: new Error(`${method} answered ${statusCode}`) });
