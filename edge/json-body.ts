import { Problem } from "#contract/problems.ts";

export const bodyBytesMax = 65_536;

/** Counts what really arrives: `Content-Length` may be missing, or lie. */
export async function readBytes(request: Request, bytesMax = bodyBytesMax): Promise<Uint8Array> {
  const tooLarge = () => new Problem("body-too-large", `At most ${bytesMax} bytes are taken.`);
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > bytesMax) throw tooLarge();
    chunks.push(chunk);
  }
  return concatenate(chunks, length);
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** Refuses a body that does not say that it is JSON. */
export function requireJson({ headers }: Request): void {
  const type = headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new Problem("content-type-unsupported", "Send the header Content-Type: application/json.");
  if (headers.has("content-encoding")) throw new Problem("content-type-unsupported", "Send the body without a Content-Encoding.");
}

/** The body of a request that must be JSON, still to be held against a schema. */
export async function jsonBody(request: Request): Promise<unknown> {
  requireJson(request);
  return parseJson(await readBytes(request));
}

export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (cause) {
    throw new Problem("body-not-json", undefined, { cause });
  }
}
