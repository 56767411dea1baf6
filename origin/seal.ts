// What is encrypted at rest: AES-256-GCM under OPTIONS_KEY, bound to what it belongs to.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const nonceBytes = 12;
const tagBytes = 16;

/** One key, or several while they are being changed: the first seals, each opens. */
export type SealingKey = Buffer | readonly [Buffer, ...Buffer[]];

const keysOf = (key: SealingKey): readonly [Buffer, ...Buffer[]] => (Buffer.isBuffer(key) ? [key] : key);

/** `boundTo`: whose it is; it opens for nothing else. */
export function seal(key: SealingKey, boundTo: string, text: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", keysOf(key)[0], nonce).setAAD(Buffer.from(boundTo));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
}

export function unseal(key: SealingKey, boundTo: string, sealed: string): string {
  const [first, ...others] = keysOf(key);
  for (const other of others) {
    try {
      return unsealWith(other, boundTo, sealed);
    } catch {
      // the tag is another key's
    }
  }
  return unsealWith(first, boundTo, sealed);
}

function unsealWith(key: Buffer, boundTo: string, sealed: string): string {
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes)).setAAD(Buffer.from(boundTo));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, "utf8") + decipher.final("utf8");
}
