// Tells a type by its bytes, with the signatures of the table of media types.
import { type MediaType, mediaTypes, type Signature } from "#contract/media.ts";
import { openCfb } from "./cfb.ts";
import { cfbEncrypted } from "./cfb-encryption.ts";
import type { ByteSource } from "./container/byte-source.ts";
import { decodeHead, type TextFacts } from "./text.ts";
import { xmlRoot } from "./xml-root.ts";
import { openZip, type Zip } from "./zip.ts";

export type Content = {
  type?: MediaType;
  /** A container that was recognised even where its type was not. */
  container?: "zip" | "zip-damaged" | "cfb" | "ooxml-encrypted";
  encrypted?: boolean;
  text?: TextFacts;
};

const headBytes = 65_536;
const memberBytesMax = 1_000_000;
const zipMagic = "504b0304";
const cfbMagic = "d0cf11e0a1b11ae1";

export async function realContent(source: ByteSource): Promise<Content> {
  const head = source.read(0, headBytes);
  if (startsWith(head, zipMagic)) return zipContent(source);
  if (startsWith(head, cfbMagic)) return cfbContent(source);
  const byMagic = magicType(head);
  if (byMagic) return { type: byMagic };
  const root = xmlRoot(decodeHead(head));
  const byRoot = root && bySignature("xml", (signature) => signature.root === root.name && signature.mimetype === root.mimetype);
  if (byRoot && !byRoot.mime.startsWith("text/")) return { type: byRoot, encrypted: false };
  // PDF readers accept a header anywhere in the first 1,024 bytes (ISO 32000-1, annex H), but text may quote one
  const late = head.subarray(0, 1024).indexOf("%PDF-");
  const byLate = late > 0 && head.includes(0) ? magicType(head.subarray(late)) : undefined;
  return byLate ? { type: byLate } : {};
}

async function zipContent(source: ByteSource): Promise<Content> {
  let zip: Zip;
  try {
    zip = openZip(source);
  } catch {
    return { container: "zip-damaged" };
  }
  const read = (name: string) => zip.read(name, memberBytesMax).catch(() => undefined);
  const mimetype = (await read("mimetype"))?.trim();
  const byMimetype = mimetype && bySignature("odf", (signature) => signature.mimetype === mimetype);
  if (byMimetype) return { type: byMimetype, encrypted: (await read("META-INF/manifest.xml"))?.includes("encryption-data") ?? false };
  const parts = (await read("[Content_Types].xml"))?.toLowerCase() ?? "";
  const byPart = bySignature("opc", ({ main }) => main.some((part) => parts.includes(`"${part.toLowerCase()}"`)));
  return byPart ? { type: byPart, container: "zip", encrypted: false } : { container: "zip" };
}

function cfbContent(source: ByteSource): Content {
  const cfb = openCfb(source);
  const { streams } = cfb;
  if (streams.has("EncryptedPackage")) return { container: "ooxml-encrypted", encrypted: true };
  const type = bySignature("cfb", (signature) => signature.streams.some((name) => streams.has(name)));
  return { container: "cfb", encrypted: cfbEncrypted(cfb), ...(type && { type }) };
}

const magicType = (bytes: Buffer) => bySignature("magic", ({ at, hex }) => hex.some((magic) => startsWith(bytes.subarray(at), magic)));

function bySignature<K extends Signature["kind"]>(
  kind: K,
  fits: (signature: Extract<Signature, { kind: K }>) => boolean,
): MediaType | undefined {
  return mediaTypes.find(({ signature }) => isKind(signature, kind) && fits(signature));
}

function isKind<K extends Signature["kind"]>(signature: Signature, kind: K): signature is Extract<Signature, { kind: K }> {
  return signature.kind === kind;
}

function startsWith(bytes: Buffer, hex: string): boolean {
  return bytes.subarray(0, hex.length / 2).toString("hex") === hex;
}
