import { Hono } from "hono";
import { expect, test } from "vitest";
import type { AppEnv } from "./context.ts";
import { httpsOnly } from "./https.ts";
import { writeProblem } from "./problem.ts";
import { requestId } from "./request-id.ts";
import { securityHeaders } from "./security-headers.ts";

const app = new Hono<AppEnv>();
app.onError(writeProblem);
app.use(requestId, (c, next) => {
  c.set("event", {});
  return next();
});
app.use(securityHeaders(false), httpsOnly);
app.all("*", (c) => c.text("inside"));

test("readers are sent to https", async () => {
  const response = await app.request("http://api.example.com/v1/operations?a=b");
  expect(response.status).toBe(308);
  expect(response.headers.get("location")).toBe("https://api.example.com/v1/operations?a=b");
});

test.each([
  ["a body", { method: "POST", body: "{}" }],
  ["a token", { headers: { authorization: "Bearer x" } }],
])("%s that came in the clear is refused by name", async (_, init) => {
  const response = await app.request("http://api.example.com/v1/jobs", init);
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ code: "https-required" });
});

test("browsers remember https", async () => {
  const response = await app.request("https://api.example.com/");
  expect(await response.text()).toBe("inside");
  expect(response.headers.get("strict-transport-security")).toMatch(/^max-age=\d{8}/);
});
