import { type MediaType, mediaTypes, oneOf } from "#contract/media.ts";
import { Problem } from "#contract/problems.ts";
import type { Content } from "./real-content.ts";

/** Which type an input is treated as: what it was announced as against what its bytes say. */
export function judgeType(
  declared: MediaType | undefined,
  content: Content,
  accepts: readonly string[],
): { type: MediaType; differs: boolean } {
  const type = settle(declared, content);
  if (!accepts.includes(type.mime)) throw new Problem("input-type-unsupported", `This operation does not accept ${type.name} files.`);
  return { type, differs: declared !== undefined && declared.mime !== type.mime };
}

function settle(declared: MediaType | undefined, content: Content): MediaType {
  const zipped = declared?.signature.kind === "opc" || declared?.signature.kind === "odf";
  if (content.container === "zip-damaged" && (zipped || !declared))
    throw new Problem("input-damaged", "Its zip container is broken or cut.");
  if (content.container === "ooxml-encrypted" && declared?.signature.kind === "opc") return declared;
  const real = content.type ?? textType(declared, content);
  if (!declared) {
    if (real) return real;
    throw new Problem("input-type-unsupported", "The content is of no known type.");
  }
  if (real && (real.mime === declared.mime || real.family === declared.family)) return real;
  throw new Problem("input-type-mismatch", `It is announced as ${oneOf(declared)}, and its content is ${real ? oneOf(real) : "not one"}.`);
}

/** Text has no signature: it is whatever kind of text it was announced as. A page of HTML under another name is still HTML. */
function textType(declared: MediaType | undefined, { text }: Content): MediaType | undefined {
  if (!text) return undefined;
  if (declared?.mime.startsWith("text/")) return declared;
  if (declared && !text.html) return undefined;
  return mediaTypes.find(({ mime }) => mime === (text.html ? "text/html" : "text/plain"));
}
