// docker/Caddyfile in front of a real api: who gets in, and what a stranger learns.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { get } from "node:http";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "#origin/db/database.ts";
import { prepare } from "#origin/db/prepare.ts";
import { askIngress, type Shown } from "#test/support/ask-ingress.ts";
import { caddyfile, caddyIsHere, caddyProgram, startCaddy } from "#test/support/caddy.ts";
import { authority } from "#test/support/certificates.ts";
import { startPostgres } from "#test/support/postgres.ts";
import { type Started, temporaryFolder } from "#test/support/start-part.ts";
import { type Api, startApis } from "./support/api-process.ts";
import { asserted, principalOf } from "./support/assert.ts";

const run = promisify(execFile);
const domain = "origin.test";

describe.skipIf(!caddyIsHere)(
  caddyIsHere ? "the ingress" : "the ingress: NOT TESTED, because caddy is not installed (apt-get install caddy)",
  () => {
    let folder: string;
    let postgres: Started;
    let apis: Awaited<ReturnType<typeof startApis>>;
    let api: Api;
    let caddy: Awaited<ReturnType<typeof startCaddy>>;
    let ours: Awaited<ReturnType<typeof authority>>;
    let edge: Shown;
    let stranger: Shown;
    beforeAll(async () => {
      folder = await temporaryFolder("certificates");
      [ours, postgres] = await Promise.all([authority(folder, "ours"), startPostgres()]);
      const theirs = await authority(folder, "theirs");
      const server = await ours.issue("server", domain);
      [edge, stranger] = [await ours.issue("edge"), await theirs.issue("stranger")];
      const database = await openDatabase({ url: postgres.url, dataDir: "", onError: () => {} });
      await prepare(database);
      await database.close();
      apis = await startApis(postgres.url, 1);
      [api] = apis.apis as [Api];
      caddy = await startCaddy({ domain, apiPort: api.port, certificate: server.paths, clientAuthority: ours.path });
    });
    afterAll(async () => {
      await caddy?.stop();
      await apis?.stop();
      await postgres?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const ask: ReturnType<typeof askIngress> = (...question) => askIngress({ port: caddy.https, domain, authority: ours.pem })(...question);

    test.each(["/", "/health/live", "/health/ready", "/v1/tiers", "/metrics"])(
      "without the edge's client certificate nothing is answered at %s",
      async (path) => {
        await expect(ask(path, undefined)).rejects.toThrow(/certificate required|alert|ECONNRESET|socket hang up/i);
        await expect(ask(path, stranger)).rejects.toThrow(/unknown ca|bad certificate|alert|ECONNRESET|socket hang up/i);
      },
    );

    test("with it, a request that the edge signed passes, and no other", async () => {
      const throughCaddy = asserted({
        edgeKey: api.edgeKey,
        fetch: async (signed) => {
          const answer = await ask(new URL(signed.url).pathname, edge, Object.fromEntries(signed.headers));
          return new Response(answer.body, { status: answer.status });
        },
      });
      const passed = await throughCaddy(principalOf("acme"), "GET", "/v1/tiers");
      expect([passed.status, await passed.json()]).toEqual([200, { data: expect.any(Array) }]);

      for (const path of [
        "/v1/tiers",
        "/v1/jobs",
        "/internal/accounts/acme",
        "/api/auth/get-session",
        "/.well-known/jwks.json",
        "/metrics",
        "/health/detailed",
        "/health",
        "/",
      ]) {
        const { status, headers, body } = await ask(path, edge);
        expect([path, status, headers["content-type"]]).toEqual([path, 401, "application/problem+json"]);
        expect(JSON.parse(body)).toMatchObject({ code: "assertion-invalid" });
      }
    });

    test("health tells whether, and what is away by its kind only", async () => {
      const version = expect.any(String);
      expect(JSON.parse((await ask("/health/live", edge)).body)).toEqual({ status: "ok", version });
      const degraded = ["engine-office", "engine-light"];
      expect(JSON.parse((await ask("/health/ready", edge)).body)).toEqual({ status: "degraded", degraded, version });
    });

    test("answers bind browsers to https and do not say which program gave them", async () => {
      const { headers } = await ask("/v1/tiers", edge);
      expect(headers["strict-transport-security"]).toBe("max-age=63072000");
      expect(headers).not.toHaveProperty("server");
    });

    test("a name that is not the origin's is not served, though the certificate is right", async () => {
      expect((await ask("/health/live", edge, { host: "other.test" })).status).toBe(421);
    });

    test("plain http leads to https, and tells nothing else", async () => {
      const asked = get({ host: "127.0.0.1", port: caddy.http, path: "/v1/tiers?x=1", headers: { host: domain } });
      const [{ statusCode, headers }] = await once(asked, "response");
      expect([statusCode, headers.location]).toEqual([308, `https://${domain}/v1/tiers?x=1`]);
      await expect(fetch(`http://127.0.0.1:${caddy.http}/`)).rejects.toThrow();
    });

    test("the same file takes certificates by ACME when none are named", async () => {
      const env = { ...process.env, ORIGIN_DOMAIN: "origin.example.com", TLS_FILES: "", EDGE_CLIENT_CA: ours.path };
      const { stdout } = await run(caddyProgram, ["adapt", "--config", caddyfile, "--adapter", "caddyfile"], { env });
      const { apps } = JSON.parse(stdout);
      expect(apps.tls?.certificates?.load_files).toBeUndefined();
      expect(JSON.stringify(apps.http.servers)).toContain('"mode":"require_and_verify"');
      await run(caddyProgram, ["validate", "--config", caddyfile, "--adapter", "caddyfile"], { env });
    });
  },
);
