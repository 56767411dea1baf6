// draft-ietf-httpapi-ratelimit-headers (structured fields), and the X-RateLimit trio that today's clients read.
import type { PolicyState } from "./gcra.ts";

const windowSeconds = 60;
const seconds = (ms: number) => Math.ceil(ms / 1000);

/** `q` per `w` seconds is the rate; `r` may be asked at once now, and after `t` seconds the whole burst may again. */
export function rateHeaders(states: readonly PolicyState[]): Record<string, string> {
  const [tightest] = states.toSorted((a, b) => a.remaining - b.remaining || b.resetMs - a.resetMs);
  if (tightest === undefined) return {};
  return {
    "RateLimit-Policy": states.map(({ name, perMinute }) => `"${name}";q=${perMinute};w=${windowSeconds}`).join(", "),
    RateLimit: states.map(({ name, remaining, resetMs }) => `"${name}";r=${remaining};t=${seconds(resetMs)}`).join(", "),
    "X-RateLimit-Limit": `${tightest.burst}`,
    "X-RateLimit-Remaining": `${tightest.remaining}`,
    "X-RateLimit-Reset": `${seconds(tightest.resetMs)}`,
  };
}

export const rateHeaderNames = [
  "RateLimit-Policy",
  "RateLimit",
  "X-RateLimit-Limit",
  "X-RateLimit-Remaining",
  "X-RateLimit-Reset",
] as const;
