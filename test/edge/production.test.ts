import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf } from "./support/client.ts";
import { type RunningEdge, startEdge } from "./support/start-edge.ts";

let edge: RunningEdge;
beforeAll(async () => {
  edge = await startEdge({ environment: "production" });
});
afterAll(() => edge?.stop());

test("outside of one machine nothing is answered over plain http", async () => {
  const read = await fetch(`${edge.url}/v1/operations`, { redirect: "manual" });
  // `wrangler dev` rewrites redirects to its own host, so where this one leads is the unit test's matter.
  expect(read.status).toBe(308);
  expect(read.headers.get("x-request-id")).toMatch(/^req_/);
  const sent = await fetch(`${edge.url}/v1/uploads`, { method: "POST", headers: { authorization: `Bearer ${await edge.issuer.token()}` } });
  expect(sent.status).toBe(403);
  expect(await codeOf(sent)).toBe("https-required");
  expect(sent.headers.get("strict-transport-security")).toMatch(/max-age=/);
});
