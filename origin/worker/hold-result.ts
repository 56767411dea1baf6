import type { BoxResult } from "#contract/box.ts";
import { mediaTypeOf, type Signature } from "#contract/media.ts";

const headBytes = 16;

/**
 * Passes the bytes of a result on as long as they are what the box announced: so many, and of that type. A box that was taken over
 * could else give the customer a program under the name of a PDF. `broken` makes the failure.
 */
export async function* holdResult(
  bytes: AsyncIterable<Uint8Array>,
  { size, content_type }: Pick<BoxResult, "size" | "content_type">,
  broken: (how: string) => Error,
): AsyncGenerator<Uint8Array> {
  const { signature } = mediaTypeOf(content_type) ?? {};
  if (!signature) throw broken("a result has a type that nobody knows");
  const decoder = isText(signature) ? new TextDecoder("utf-8", { fatal: true }) : undefined;
  let head: Buffer | undefined = Buffer.alloc(0);
  let received = 0;
  for await (const chunk of bytes) {
    received += chunk.byteLength;
    if (received > size) throw broken("a result is longer than announced");
    if (decoder && !decodes(decoder, chunk)) throw broken("a result is not the text that was announced");
    if (!head) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < headBytes && received < size) continue;
    if (!fits(head, signature)) throw broken(`a result is no ${content_type}`);
    yield head;
    head = undefined;
  }
  if (received < size) throw broken("a result is shorter than announced");
  if (head && !fits(head, signature)) throw broken(`a result is no ${content_type}`);
  if (decoder && !decodes(decoder)) throw broken("a result is not the text that was announced");
}

const isText = ({ kind }: Signature): boolean => kind === "text" || kind === "xml";
const starts: Partial<Record<Signature["kind"], string>> = { opc: "504b0304", odf: "504b0304", cfb: "d0cf11e0" };

function fits(head: Buffer, signature: Signature): boolean {
  const { at, hex } = signature.kind === "magic" ? signature : { at: 0, hex: [starts[signature.kind] ?? ""] };
  return hex.some((prefix) => head.subarray(at, at + prefix.length / 2).toString("hex") === prefix);
}

function decodes(decoder: InstanceType<typeof TextDecoder>, chunk?: Uint8Array): boolean {
  try {
    decoder.decode(chunk, { stream: chunk !== undefined });
    return true;
  } catch {
    return false;
  }
}
