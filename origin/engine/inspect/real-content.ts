// Tells a type by its bytes, with the signatures of the table of media types.
import type { FileHandle } from "node:fs/promises";
import { type MediaType, mediaTypes, type Signature } from "#contract/media.ts";
import { openCfb } from "./cfb.ts";
import { cfbEncrypted } from "./cfb-encryption.ts";
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

export async function realContent(file: FileHandle, size: number): Promise<Content> {
  const head = Buffer.alloc(Math.min(headBytes, size));
  await file.read(head, 0, head.length, 0);
  if (startsWith(head, zipMagic)) return zipContent(file);
  if (startsWith(head, cfbMagic)) return cfbContent(file, size);
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

async function zipContent(file: FileHandle): Promise<Content> {
  let zip: Zip;
  try {
    zip = await openZip(file);
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

async function cfbContent(file: FileHandle, size: number): Promise<Content> {
  const cfb = await openCfb(file, size);
  const { streams } = cfb;
  if (streams.has("EncryptedPackage")) return { container: "ooxml-encrypted", encrypted: true };
  const type = bySignature("cfb", (signature) => signature.streams.some((name) => streams.has(name)));
  return { container: "cfb", encrypted: await cfbEncrypted(cfb), ...(type && { type }) };
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
