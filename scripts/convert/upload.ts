import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Transform } from "node:stream";
import { request } from "undici";
import { UploadTicket } from "#contract/uploads.ts";
import type { Api } from "./api.ts";

type Upload = { path: string; filename: string; signal: AbortSignal; sent: (bytes: number, of: number) => void };

/** Announces a file and sends it as a stream. Gives the upload's id. */
export async function upload(api: Api, { path, filename, signal, sent }: Upload): Promise<string> {
  const { size } = await stat(path);
  const ticket = await api.json(UploadTicket, "POST", "/v1/uploads", { filename, size });
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      sent(bytes, size);
      done(null, chunk);
    },
  });
  const file = createReadStream(path).on("error", (error) => counted.destroy(error));
  const { statusCode, body } = await request(ticket.url, {
    method: ticket.method,
    headers: { ...ticket.headers, "content-length": `${size}` },
    body: file.pipe(counted),
    signal,
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`The object store refused the file with ${statusCode}: ${text.slice(0, 300)}`);
  return ticket.id;
}
