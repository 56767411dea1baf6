import { Problem } from "#contract/problems.ts";

const bodyBytesMax = 65_536;

const tooLarge = () => new Problem("body-too-large", `At most ${bodyBytesMax} bytes are taken.`);

/** Counts what really arrives: `Content-Length` may be missing, or lie. */
async function readBytes(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  const bytes = new Uint8Array(bodyBytesMax);
  let length = 0;
  for await (const chunk of body ?? []) {
    if (length + chunk.byteLength > bodyBytesMax) throw tooLarge();
    bytes.set(chunk, length);
    length += chunk.byteLength;
  }
  return bytes.subarray(0, length);
}

/** The body of a request that must be JSON, still to be held against a schema. */
export async function jsonBody(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new Problem("content-type-unsupported", "Send the header Content-Type: application/json.");
  if (request.headers.has("content-encoding")) throw new Problem("content-type-unsupported", "Send the body without a Content-Encoding.");
  if (Number(request.headers.get("content-length") ?? 0) > bodyBytesMax) throw tooLarge();
  const bytes = await readBytes(request.body);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (cause) {
    throw new Problem("body-not-json", undefined, { cause });
  }
}
