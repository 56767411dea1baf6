import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf } from "./support/client.ts";
import { type RunningEdge, startEdge } from "./support/start-edge.ts";

const addressLimit = 20;

const from = (edge: RunningEdge, address: string, path = "/v1/operations") =>
  fetch(`${edge.url}${path}`, { headers: { "cf-connecting-ip": address } });

describe("before anybody asks who is calling", () => {
  let edge: RunningEdge;
  beforeAll(async () => {
    edge = await startEdge({ addressLimit, variables: { IP_DENY: "203.0.113.0/24, 2001:db8:bad::/48" } });
  });
  afterAll(() => edge?.stop());

  /** The windows of the binding are aligned to the clock: the burst has to lie within one. */
  async function burst(address: () => string): Promise<Response[]> {
    const leftMs = 60_000 - (Date.now() % 60_000);
    if (leftMs < 10_000) await new Promise((resolve) => setTimeout(resolve, leftMs));
    const responses = [];
    for (let sent = 0; sent <= addressLimit; sent++) responses.push(await from(edge, address(), "/v1/account"));
    return responses;
  }

  test("one address may ask so often, and another is not hurt by it", async () => {
    const responses = await burst(() => "192.0.2.1");
    expect(responses.map(({ status }) => status)).toEqual([...Array(addressLimit).fill(401), 429]);
    const refused = responses.at(-1);
    expect(await refused?.json()).toMatchObject({ code: "address-rate-limited", policy: "address" });
    expect(refused?.headers.get("retry-after")).toBe("60");
    expect((await from(edge, "192.0.2.2")).status).toBe(200);
  });

  test("all addresses of an IPv6 /64 are one", async () => {
    const hosts = Array.from({ length: 2 * addressLimit }, (_, host) => `2001:db8:1:2::${host.toString(16)}`).values();
    const responses = await burst(() => hosts.next().value ?? "");
    expect(responses.at(-1)?.status).toBe(429);
    expect((await from(edge, "2001:db8:1:3::1")).status).toBe(200);
  });

  test.each(["203.0.113.9", "2001:db8:bad:1::1", "::ffff:203.0.113.9"])(
    "%s is on the list of those who are not served",
    async (address) => {
      const response = await from(edge, address);
      expect(response.status).toBe(403);
      expect(await codeOf(response)).toBe("address-denied");
    },
  );

  test("pushes of the origin are not counted", async () => {
    edge.origin.accounts.change("pushed");
    const statuses = new Set<number>();
    for (let sent = 0; sent < 2 * addressLimit; sent++) statuses.add((await edge.push(edge.origin.accounts.change("pushed"))).status);
    expect(statuses).toEqual(new Set([204]));
  });
});

describe("with a list of those who are served", () => {
  let edge: RunningEdge;
  beforeAll(async () => {
    edge = await startEdge({ variables: { IP_ALLOW: "127.0.0.1, 192.0.2.0/24", IP_DENY: "192.0.2.66" } });
  });
  afterAll(() => edge?.stop());

  test.each([
    ["192.0.2.1", 200],
    ["192.0.2.66", 403],
    ["198.51.100.1", 403],
    ["2001:db8::1", 403],
    ["nonsense", 403],
  ])("%s gets %i", async (address, status) => {
    expect((await from(edge, address)).status).toBe(status);
  });
});
