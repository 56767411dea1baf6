import { z } from "zod";

/** What examples, templates and tired people write where a secret belongs. */
const known =
  /please|change[\s_-]?me|change[\s_-]?this|replace[\s_-]?(me|this)|placeholder|example|sample|insecure|secret|passw(or)?d|default|letmein|qwerty|trustyconvert|administrator|admin|test|your|dev|key|0123456789|123456789|12345678|abcdefgh/gi;
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

/** A variable that must be hard to guess. */
export const secretText = (lengthMin: number) =>
  z.string().superRefine((text, context) => {
    const message = weakness(text, lengthMin);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
