import { expect, test } from "vitest";
import { assertionHeader } from "#contract/assertion.ts";
import type { ToOrigin } from "./env.ts";
import { fetchFromOrigin } from "./fetch-from-origin.ts";
import { health } from "./health.ts";

test("with a client certificate every request to the origin shows it, health too, and none goes another way", async () => {
  const seen: string[] = [];
  const certificate = {
    fetch: async (url: string, { headers = {} }: { headers?: Record<string, string> } = {}) => {
      seen.push(`${url} ${assertionHeader in headers ? "signed" : "unsigned"}`);
      return Response.json({ status: "ok" });
    },
  };
  const env = {
    // Nobody is there: whatever goes another way fails.
    ORIGIN_URL: "https://origin.invalid",
    EDGE_KEY: "9f86d081884c7d659a2feaa0c55ad015",
    ORIGIN_MTLS: certificate as unknown as NonNullable<ToOrigin["ORIGIN_MTLS"]>,
  };
  expect((await fetchFromOrigin(env, { method: "GET", path: "/v1/tiers", timeoutMs: 1_000 })).status).toBe(200);
  expect(await health(env)).toEqual({ status: "ok" });
  expect(seen).toEqual(["https://origin.invalid/v1/tiers signed", "https://origin.invalid/health/ready unsigned"]);
});
