import { expect, test, vi } from "vitest";
import main from "./main.ts";

vi.mock("cloudflare:workers", () => ({ DurableObject: class {} }));

test("a Worker without its configuration says so to operators in full, and to callers not at all", async () => {
  const lines = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const context = { waitUntil: () => undefined, passThroughOnException: () => undefined } as unknown as ExecutionContext; // never used here
  const response = await main.fetch(new Request("https://api.example.com/v1/jobs") as Parameters<typeof main.fetch>[0], {}, context);
  expect(response.status).toBe(503);
  const body = await response.text();
  expect(JSON.parse(body)).toMatchObject({ code: "not-ready" });
  expect(body).not.toContain("EDGE_KEY");
  expect(String(lines.mock.calls[0])).toMatch(/EDGE_KEY.*ORIGIN_URL|ORIGIN_URL.*EDGE_KEY/);
  lines.mockRestore();
});
