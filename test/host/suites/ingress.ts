// Who gets to the api of a production host, and what its containers may.

import { once } from "node:events";
import { get } from "node:http";
import { expect, test } from "vitest";
import { expectBounded, expectInPlace, expectSealed, places } from "#test/docker/support/service-rules.ts";
import { askIngress } from "#test/support/ask-ingress.ts";
import type { ProductionHost } from "../support/production-host.ts";

const around = ["edge", "cloudflare"];
const onlyBindsLowPorts = "400"; // CAP_NET_BIND_SERVICE

export function ingressSuite(hostNow: () => ProductionHost): void {
  const ask: ReturnType<typeof askIngress> = (...question) => {
    const { ports, domain, certificates } = hostNow();
    return askIngress({ port: ports.https, domain, authority: certificates.pem })(...question);
  };

  test.each(["/", "/health/ready", "/v1/tiers"])("without the edge's client certificate nothing is answered at %s", async (path) => {
    await expect(ask(path, undefined)).rejects.toThrow(/certificate required|alert|ECONNRESET|socket hang up/i);
    await expect(ask(path, hostNow().certificates.stranger)).rejects.toThrow(/unknown ca|bad certificate|alert|ECONNRESET|socket hang up/i);
  });

  test("with it, what the edge did not sign is refused, health is told, and another name is not served", async () => {
    const { edge } = hostNow().certificates;
    const { status, headers, body } = await ask("/v1/tiers", edge);
    expect([status, JSON.parse(body)]).toEqual([401, expect.objectContaining({ code: "assertion-invalid" })]);
    expect(headers["strict-transport-security"]).toBe("max-age=63072000");
    expect(headers).not.toHaveProperty("server");
    expect((await ask("/health/ready", edge)).status).toBe(200);
    expect((await ask("/health/ready", edge, { host: "other.test" })).status).toBe(421);
  });

  test("plain http leads to https, and tells nothing else", async () => {
    const { ports, domain } = hostNow();
    const asked = get({ host: "127.0.0.1", port: ports.http, path: "/v1/tiers?x=1", headers: { host: domain } });
    const [{ statusCode, headers }] = await once(asked, "response");
    expect([statusCode, headers.location]).toEqual([308, `https://${domain}/v1/tiers?x=1`]);
    expect(headers).not.toHaveProperty("server");
    await expect(fetch(`http://127.0.0.1:${ports.http}/`)).rejects.toThrow();
  });

  test("every container is sealed, bounded and in its place; only the ingress publishes ports, and logs are turned over", async () => {
    const host = hostNow();
    const running = (await host.containers()).filter(({ service, status }) => status === "running" && !around.includes(service));
    expect([...new Set(running.map(({ service }) => service))].sort()).toEqual([...Object.keys(places), "caddy"].sort());
    for (const { service, id } of running) {
      const ingress = service === "caddy";
      await expectSealed(host, id, ingress ? { root: true, capabilities: onlyBindsLowPorts } : {});
      await expectBounded(host, id);
      const ports = [host.ports.http, host.ports.https].map((port) => `0.0.0.0:${port}`).sort();
      await expectInPlace(host, id, ingress ? ["front"] : (places[service] ?? []), ingress ? ports : []);
      const { HostConfig, Config } = await host.inspect(id);
      expect(HostConfig.LogConfig, service).toEqual({ Type: "json-file", Config: { "max-size": "20m", "max-file": "5" } });
      expect(
        Config.Env.filter((line: string) => /(PASSWORD|SECRET|KEY|_URL)=.*\w{20}/.test(line)),
        service,
      ).toEqual([]);
    }
  });
}
