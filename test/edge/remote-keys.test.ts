import { afterAll, beforeAll, expect, test } from "vitest";
import { call, codeOf } from "./support/client.ts";
import type { Answer } from "./support/fake-origin.ts";
import { createIssuer } from "./support/issuer.ts";
import { type RunningEdge, startEdge } from "./support/start-edge.ts";

let edge: RunningEdge;
beforeAll(async () => {
  edge = await startEdge({ remoteKeys: true });
});
afterAll(() => edge?.stop());

const job = `/v1/jobs/job_${"a".repeat(26)}`;
const keysAnswer = (answer: Answer) => edge.origin.answerWith(({ path }) => (path === "/jwks" ? answer : { status: 200, body: {} }));
const keyFetches = () => edge.origin.requests.filter(({ path }) => path === "/jwks").length;

test("a key set that cannot be had is not the token's fault", async () => {
  for (const answer of [
    { status: 503 },
    { status: 200, body: "no JSON" },
    { status: 200, body: { keys: 1 } },
    { status: 200, hangUp: true },
  ]) {
    keysAnswer(answer);
    const response = await call(edge, "GET", job);
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("5");
    expect(await codeOf(response)).toBe("not-ready");
  }
});

test("the issuer's keys are fetched once, and not again for every unknown key", async () => {
  keysAnswer({ status: 200, body: edge.issuer.jwks });
  const before = keyFetches();
  const statuses = await Promise.all(Array.from({ length: 5 }, async () => (await call(edge, "GET", job)).status));
  expect(statuses).toEqual([200, 200, 200, 200, 200]);
  const known = keyFetches();
  expect(known - before).toBeLessThanOrEqual(5);
  const stranger = await createIssuer();
  for (const kid of ["a", "b", "c"]) {
    const authorization = `Bearer ${await stranger.token("acme", { header: { kid } })}`;
    const response = await fetch(`${edge.url}${job}`, { headers: { authorization } });
    expect(response.status).toBe(401);
  }
  expect((await call(edge, "GET", job)).status).toBe(200);
  expect(keyFetches()).toBe(known);
});
