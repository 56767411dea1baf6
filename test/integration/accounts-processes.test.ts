// Several api processes on one PostgreSQL: what one of them changed, the edge learns, whatever becomes of that one.
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { answered } from "./support/accounts.ts";
import { type Api, startApis } from "./support/api-process.ts";
import { administrator, principalOf } from "./support/assert.ts";
import { type FreshDatabase, freshPostgres } from "./support/fresh-database.ts";
import { startPushedEdge } from "./support/pushed-edge.ts";

/** Six times what the service promises, because the machine may have other work too. */
const soonMs = 6 * 5_000;

describe("accounts in several processes", () => {
  let postgres: FreshDatabase & { url: string };
  let edge: Awaited<ReturnType<typeof startPushedEdge>>;
  let apis: Api[];
  let stop: () => Promise<void>;
  beforeAll(async () => {
    postgres = await freshPostgres();
    const edgeKey = randomBytes(32).toString("hex");
    edge = await startPushedEdge(edgeKey);
    ({ apis, stop } = await startApis(postgres.url, 2, { EDGE_KEY: edgeKey, EDGE_URL: edge.url }));
  });
  afterAll(async () => {
    expect(edge?.faults).toEqual([]);
    await stop?.();
    await edge?.stop();
    await postgres?.stop();
  });

  test("a key that is revoked while the edge is away is refused in time once it is back, though the process that revoked it has died", async () => {
    const [first, second] = apis as [Api, Api];
    const ann = principalOf("acme");
    await answered(201, await first.call(administrator, "POST", "/v1/admin/accounts", { id: "acme", name: "Acme" }));
    const { id } = await answered(201, await second.call(ann, "POST", "/v1/keys", { name: "ours", scopes: ["jobs:read"] }));
    const soon = (check: () => void) => vi.waitFor(check, { timeout: soonMs, interval: 20 });
    await soon(() => expect(edge.held.get("acme")?.keys).toMatchObject([{ id }]));

    edge.away = true;
    await answered(200, await first.call(ann, "DELETE", `/v1/keys/${id}`));
    await first.kill();
    edge.away = false;
    await soon(() => expect(edge.held.get("acme")?.keys).toEqual([]));
  });

  test("a token that a key asks for is signed by us", async () => {
    const [, second] = apis as [Api, Api];
    const key = await answered(201, await second.call(principalOf("acme"), "POST", "/v1/keys", { name: "ours", scopes: ["jobs:read"] }));
    const itself = principalOf("acme", { key: key.id, subject: key.id, scopes: ["jobs:read"] });
    const asked = await second.call(itself, "POST", "/v1/tokens", undefined, { headers: { "idempotency-key": "t-1" } });
    const { access_token, expires_in } = await answered(201, asked);
    expect(expires_in).toBeLessThanOrEqual(600);
    const [header, claims] = access_token.split(".").map((part: string) => Buffer.from(part, "base64url").toString());
    expect(JSON.parse(header)).toMatchObject({ typ: "at+jwt", alg: "ES256" });
    expect(JSON.parse(claims)).toMatchObject({ account: "acme", scope: "jobs:read", livemode: true, key: key.id });
    const again = await second.call(itself, "POST", "/v1/tokens", undefined, { headers: { "idempotency-key": "t-1" } });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect((await answered(201, again)).access_token).toBe(access_token);
  });
});
