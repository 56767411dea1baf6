// AUTH_SECRET while it is being changed: what one process signs or encrypts, the others can read, whichever of the two keys is theirs.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

export type AuthSecrets = { secret: string; also?: string | undefined };

/** better-auth's versioned secrets, the first of which encrypts. A version follows from its secret, so that it is the same in every process. */
export const versioned = ({ secret, also }: AuthSecrets) =>
  [...new Set([secret, also ?? secret])].map((value) => ({
    version: createHash("sha256").update(value).digest().readUInt32BE(0),
    value,
  }));

const sign = (secret: string, value: string) => createHmac("sha256", secret).update(value).digest("base64");

/** A Cookie header in which what the other secret signed is signed with ours, because better-auth knows one for cookies. */
export function resigned(cookies: string, { secret, also }: AuthSecrets): string {
  if (also === undefined) return cookies;
  return cookies
    .split("; ")
    .map((cookie) => {
      const equals = cookie.indexOf("=");
      const text = decoded(cookie.slice(equals + 1));
      const dot = text.lastIndexOf(".");
      const value = text.slice(0, dot);
      if (equals < 1 || dot < 1 || !isEqual(text.slice(dot + 1), sign(also, value))) return cookie;
      return `${cookie.slice(0, equals)}=${encodeURIComponent(`${value}.${sign(secret, value)}`)}`;
    })
    .join("; ");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function isEqual(given: string, right: string): boolean {
  const [left, other] = [Buffer.from(given), Buffer.from(right)];
  return left.length === other.length && timingSafeEqual(left, other);
}
