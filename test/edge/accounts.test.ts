import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeKey } from "#contract/keys.ts";
import { tierDefaults } from "#contract/tiers.ts";
import { codeOf } from "./support/client.ts";
import { type RunningEdge, startEdge } from "./support/start-edge.ts";

let edge: RunningEdge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge?.stop());
beforeEach(() => edge.origin.answerWith({ status: 200, body: {} }));

const job = `/v1/jobs/job_${"a".repeat(26)}`;
const ask = (key: string, path = job, init: RequestInit = {}) =>
  fetch(`${edge.url}${path}`, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } });
const from = (address: string) => ({ headers: { "cf-connecting-ip": address } });
const answerTo = async (key: string, path = job, init: RequestInit = {}) => {
  const response = await ask(key, path, init);
  return response.status === 200 ? 200 : codeOf(response);
};
const lookUps = (account: string) => edge.origin.snapshotRequests.filter(({ path }) => path.endsWith(`/${account}`)).length;

describe("an API key", () => {
  test("speaks for its account, and the origin learns which key it was and from where", async () => {
    edge.origin.accounts.change("umbrella", { tier: "premium" });
    const { id, key } = edge.origin.accounts.addKey("umbrella", { scopes: ["jobs:read"] });
    expect(await answerTo(key, job, from("192.0.2.7"))).toBe(200);
    expect(edge.origin.requests.at(-1)?.assertion).toMatchObject({
      principal: { account: "umbrella", tier: "premium", subject: id, key: id, scopes: ["jobs:read"], livemode: true },
      address: "192.0.2.7",
    });
    expect(edge.origin.faults).toEqual([]);
  });

  test("that is junk asks nobody anything", async () => {
    const { key } = edge.origin.accounts.addKey("acme");
    const asked = edge.origin.snapshotRequests.length;
    const junk = [
      `${key.slice(0, -1)}${key.endsWith("a") ? "b" : "a"}`,
      "tc_live_acme_x",
      "tc_live_",
      key.toUpperCase().replace("TC", "tc"),
    ];
    for (const text of junk) expect(await answerTo(text)).toBe("key-invalid");
    expect(edge.origin.snapshotRequests).toHaveLength(asked);
  });

  test("of the right form that nobody made is refused, in every account and in none", async () => {
    for (const account of ["acme", "nobody-of-this-name"]) {
      const response = await ask(makeKey({ account, livemode: true }, new Uint8Array(20)));
      const body = await response.json();
      expect(body).toMatchObject({ code: "key-invalid", status: 401 });
      expect(body).not.toHaveProperty("detail");
    }
  });

  test("of an account that does not exist costs the origin one look, however often it is tried", async () => {
    const key = makeKey({ account: "ghost", livemode: true }, new Uint8Array(20));
    await Promise.all(Array.from({ length: 20 }, () => answerTo(key)));
    expect(lookUps("ghost")).toBe(1);
  });

  test("that has expired is refused", async () => {
    const { key } = edge.origin.accounts.addKey("globex", { expires_at: new Date(Date.now() - 1_000).toISOString() });
    expect(await answerTo(key)).toBe("key-invalid");
  });

  test("that was made a moment ago is known, although nobody told the edge", async () => {
    const { key: first } = edge.origin.accounts.addKey("wayne");
    expect(await answerTo(first)).toBe(200);
    const { key: second } = edge.origin.accounts.addKey("wayne");
    expect(await answerTo(second)).toBe(200);
  });

  test.each([
    ["192.0.2.7", 200],
    ["198.51.100.200", 200],
    ["2001:db8:7::1", 200],
    ["192.0.2.8", "address-not-allowed"],
    ["2001:db9::1", "address-not-allowed"],
  ])("with a list of addresses, used from %s: %s", async (address, answer) => {
    const { key } = edge.origin.accounts.addKey("listed", { allowed_addresses: ["192.0.2.7", "198.51.100.0/24", "2001:db8::/32"] });
    await edge.push(edge.origin.accounts.change("listed"));
    expect(await answerTo(key, job, from(address))).toBe(answer);
  });

  test("without the scope is told which one it takes", async () => {
    const { key } = edge.origin.accounts.addKey("narrow", { scopes: ["jobs:write"] });
    const response = await ask(key);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: "scope-missing", detail: expect.stringContaining("jobs:read") });
    expect(await answerTo(key, "/v1/admin/accounts")).toBe("scope-missing");
  });

  test("of fifty requests at a cold start makes the origin be asked once", async () => {
    const { key } = edge.origin.accounts.addKey("cold");
    edge.origin.answerSnapshotsWith({ status: 200, body: edge.origin.accounts.snapshot("cold"), delayMs: 200 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => answerTo(key)));
    edge.origin.answerSnapshotsWith(undefined);
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(lookUps("cold")).toBe(1);
  });
});

describe("what the origin pushes holds for the next request", () => {
  test("a revoked key, and the tokens that were made from it", async () => {
    const { id, key } = edge.origin.accounts.addKey("revoking");
    const token = await edge.issuer.token("revoking", { claims: { key: id } });
    expect([await answerTo(key), await answerTo(token)]).toEqual([200, 200]);
    const pushed = await edge.push(edge.origin.accounts.revokeKey("revoking", id));
    expect(pushed.status).toBe(204);
    expect([await answerTo(key), await answerTo(token)]).toEqual(["key-invalid", "token-invalid"]);
  });

  test("a suspension, and its end", async () => {
    const { key } = edge.origin.accounts.addKey("stark");
    const token = await edge.issuer.token("stark");
    expect(await answerTo(key)).toBe(200);
    await edge.push(edge.origin.accounts.change("stark", { suspended: true }));
    expect([await answerTo(key), await answerTo(token)]).toEqual(["account-suspended", "account-suspended"]);
    await edge.push(edge.origin.accounts.change("stark", { suspended: false }));
    expect(await answerTo(key)).toBe(200);
  });

  test("a new tier with its limits", async () => {
    const { key } = edge.origin.accounts.addKey("growing");
    const announce = (size: number) =>
      answerTo(key, "/v1/uploads", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ filename: "a.pdf", size }),
      });
    await edge.push(edge.origin.accounts.change("growing", { tier: "free", limits: tierDefaults.free }));
    expect(await announce(26_000_000)).toBe("file-too-large");
    await edge.push(edge.origin.accounts.change("growing", { tier: "premium", limits: tierDefaults.premium }));
    expect(await announce(26_000_000)).not.toBe("file-too-large");
    await ask(key);
    expect(edge.origin.requests.at(-1)?.assertion?.principal?.tier).toBe("premium");
  });

  test("but not what is older than what is known", async () => {
    const { key } = edge.origin.accounts.addKey("ordered");
    expect(await answerTo(key)).toBe(200);
    const old = edge.origin.accounts.change("ordered", { suspended: true });
    await edge.push(edge.origin.accounts.change("ordered", { suspended: false }));
    expect((await edge.push(old)).status).toBe(204);
    expect(await answerTo(key)).toBe(200);
  });

  test("and a push of an account that nobody uses leaves nothing behind", async () => {
    const { key } = edge.origin.accounts.addKey("unused");
    const snapshot = edge.origin.accounts.snapshot("unused");
    if (snapshot) await edge.push({ ...snapshot, version: 1_000, keys: [] });
    expect(await answerTo(key)).toBe(200);
  });
});

describe("a push is taken from nobody else", () => {
  test.each([
    ["signed with another key", { key: "x".repeat(32) }],
    ["signed as the edge signs", { claims: { iss: "trustyconvert-edge", aud: "trustyconvert-origin" } }],
    ["signed for another account", { claims: { path: "/internal/accounts/globex" } }],
    ["signed for another method", { claims: { method: "GET" } }],
    ["signed for another body", { body: "{}" }],
    ["sent to another account", { path: "/internal/accounts/globex" }],
    ["that has expired", { claims: { iat: 1_700_000_000, exp: 1_700_000_060 } }],
    ["without an end", { claims: { exp: undefined } }],
  ])("%s", async (_, changes) => {
    const { key } = edge.origin.accounts.addKey("acme");
    await edge.push(edge.origin.accounts.change("acme"));
    expect(await answerTo(key)).toBe(200);
    const response = await edge.push(edge.origin.accounts.change("acme", { suspended: true }), changes);
    edge.origin.accounts.change("acme", { suspended: false });
    expect(response.status).toBe(404);
    expect(await codeOf(response)).toBe("route-not-found");
    expect(await answerTo(key)).toBe(200);
  });

  test("without a signature", async () => {
    const response = await fetch(`${edge.url}/internal/accounts/acme`, { method: "POST", body: "{}" });
    expect(await codeOf(response)).toBe("route-not-found");
  });
});
