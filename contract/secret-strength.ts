// What is no secret: what examples, templates and tired people write where one belongs.
import { z } from "zod";

const known =
  /please|change[\s_-]?me|change[\s_-]?this|replace[\s_-]?(me|this)|placeholder|example|sample|insecure|secret|passw(or)?d|default|letmein|qwerty|trustyconvert|postgres|administrator|admin|test|your|dev|key|0123456789|123456789|12345678|abcdefgh/gi;
const distinctMin = 6;

/** Why a text is no secret; undefined when nothing speaks against it. */
export function weakness(text: string, lengthMin: number): string | undefined {
  if (text.length < lengthMin) return `must have at least ${lengthMin} characters`;
  const rest = text.replaceAll(known, "");
  const repeats = /^(.{1,24}?)\1+.?$/s.test(text);
  if (repeats || rest.length < lengthMin / 2 || new Set(rest).size < distinctMin)
    return "is a placeholder; draw one with `openssl rand -base64 32`";
  return undefined;
}

/** Of a secret that others draw, whose form is theirs: whether it is one of the words that stand for a secret. */
export const isPlaceholder = (text: string): boolean =>
  text !== "" && (/^(.)\1{3,}$/.test(text) || /^[\W_\d]{0,6}$/.test(text.replaceAll(known, "")));

/** A variable that must be hard to guess. */
export const secretText = (lengthMin: number) =>
  z.string().superRefine((text, context) => {
    const message = weakness(text, lengthMin);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

/** A variable that holds a secret of somebody else's. */
export const foreignSecret = z
  .string()
  .min(1)
  .refine((text) => !isPlaceholder(text), "is a placeholder");

/** The password of an address may be missing, but not be a placeholder. */
export function hasPlaceholderPassword(address: string): boolean {
  const password = /^[a-z+]+:\/\/[^:@/]*:([^@/]*)@/.exec(address)?.[1];
  return password !== undefined && isPlaceholder(password);
}
export const placeholderPassword = "has a placeholder as its password";
