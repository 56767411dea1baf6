import { Problem } from "#contract/problems.ts";

const nameCharactersMax = 80;

/** What no honest program writes is damage too: whether it was meant to mislead, the file does not say. */
export const damaged = (detail: string): Problem => new Problem("input-damaged", detail);
export const tooComplex = (detail: string): Problem => new Problem("input-too-complex", detail);
/** The name of a member, for a `detail`: it is the client's text, so only harmless characters of its end are shown. */
export function shown(name: string): string {
  const harmless = name.replace(/[^\p{L}\p{N} ._/()[\]-]/gu, "?");
  return `“${harmless.length > nameCharactersMax ? `…${harmless.slice(1 - nameCharactersMax)}` : harmless}”`;
}
