import { Problem } from "#contract/problems.ts";

/** What a request's body says. Its bytes were read, and held against the assertion, before. */
export function jsonBody(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw new Problem("body-not-json", undefined, { cause });
  }
}
