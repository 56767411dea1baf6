// A person's whole way as a client goes it: through the edge, with an origin as it is wired.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DeletionReceipt } from "#contract/account-data.ts";
import { Account } from "#contract/accounts.ts";
import { NewApiKey } from "#contract/keys.ts";
import { ProblemBody } from "#contract/problems.ts";
import { AccessToken } from "#contract/routes/accounts.ts";
import { parseConfig } from "#origin/config.ts";
import { openLog } from "#origin/log.ts";
import { runPhases } from "#origin/shutdown.ts";
import { wire } from "#origin/wire.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { startEdge } from "#test/edge/support/start-edge.ts";
import { freshPostgres } from "#test/integration/support/fresh-database.ts";
import { startRedis } from "#test/support/redis.ts";
import { temporaryFolder } from "#test/support/start-part.ts";
import { startMailServer } from "./support/mail-server.ts";
import { publicUrl } from "./support/people-house.ts";
import { goodPassword, linkIn, newEmail } from "./support/person.ts";

const run = promisify(execFile);

async function start() {
  const originPort = await freePort();
  const variables = {
    JWT_ISSUER: publicUrl,
    JWT_AUDIENCE: "trustyconvert",
    JWT_JWKS: `http://127.0.0.1:${originPort}/.well-known/jwks.json`,
  };
  const [postgres, redis, mail, edge] = await Promise.all([
    freshPostgres(),
    startRedis(),
    startMailServer(),
    startEdge({ originPort, variables }),
  ]);
  const config = parseConfig({
    PORT: `${originPort}`,
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    EDGE_KEY: edge.edgeKey,
    EDGE_URL: edge.url,
    OPTIONS_KEY: randomBytes(32).toString("base64"),
    AUTH_SECRET: randomBytes(32).toString("base64"),
    PUBLIC_URL: publicUrl,
    TRUSTED_ORIGINS: edge.url,
    SIGNUP: "open",
    SMTP_URL: mail.url,
    MAIL_FROM: "no-reply@convert.test",
    ...edge.signing,
    UPLOADS_BUCKET: "trustyconvert-uploads",
    RESULTS_BUCKET: "trustyconvert-results",
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "silent",
  });
  const log = openLog(config.LOG_LEVEL, "api");
  const { phases } = await wire("api", config, log);
  return {
    edge,
    mail,
    async stop() {
      await runPhases(phases, log);
      await Promise.all([edge.stop(), redis.stop(), mail.stop(), postgres.stop()]);
    },
  };
}
let running: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  running = await start();
});
afterAll(() => running?.stop());

type Ask = { cookie?: string; token?: string; body?: unknown };
const ask = (method: string, path: string, { cookie, token, body }: Ask = {}) =>
  fetch(running.edge.url + path, {
    method,
    redirect: "manual",
    headers: {
      origin: publicUrl,
      ...(cookie && { cookie }),
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const codeOf = async (response: Response) => ProblemBody.parse(await response.json()).code;

test("from sign-up to a key, and to the end of the account, with nothing but the public address", async () => {
  const email = newEmail();
  const signUp = await ask("POST", "/api/auth/sign-up/email", { body: { email, password: goodPassword, name: "Ann" } });
  expect(signUp.status, await signUp.text()).toBe(200);
  expect(await codeOf(await ask("POST", "/api/auth/sign-in/email", { body: { email, password: goodPassword } }))).toBe("email-unverified");
  const link = new URL(linkIn((await running.mail.nth(email)).text));
  expect((await ask("GET", link.pathname + link.search)).status).toBe(200);

  const signIn = await ask("POST", "/api/auth/sign-in/email", { body: { email, password: goodPassword } });
  expect(signIn.status).toBe(200);
  const [cookie = ""] = signIn.headers.getSetCookie().map((line) => line.split(";", 1)[0] ?? "");
  expect(cookie).toMatch(/^trusty\.session_token=/);
  // Cookies count under /api/auth only.
  expect(await codeOf(await ask("GET", "/v1/account", { cookie }))).toBe("token-missing");

  const { access_token: token } = AccessToken.parse(await (await ask("GET", "/api/auth/token", { cookie })).json());
  const described = await ask("GET", "/v1/account", { token });
  const account = Account.parse(await described.json());
  expect(account).toMatchObject({ name: "Ann", tier: "free" });
  const made = await ask("POST", "/v1/keys", { token, body: { name: "CI", scopes: ["usage:read", "keys:write"] } });
  const { key } = NewApiKey.parse(await made.json());
  expect((await ask("GET", "/v1/account", { token: key })).status).toBe(200);
  expect(await codeOf(await ask("GET", "/v1/account/export", { token: key }))).toBe("role-missing");
  const exported = await ask("GET", "/v1/account/export", { token });
  expect([exported.status, exported.headers.get("content-disposition")]).toEqual([200, 'attachment; filename="account.json"']);
  expect(await exported.text()).toContain(email);

  const body = { confirm: account.id, password: goodPassword };
  expect(await codeOf(await ask("DELETE", "/v1/account", { token: key, body }))).toBe("role-missing");
  const receipt = DeletionReceipt.parse(await (await ask("DELETE", "/v1/account", { token, body })).json());
  expect(receipt.removed).toMatchObject({ keys: 1, members: 1, people: 1 });
  const holds = async (credential: string) => (await ask("GET", "/v1/account", { token: credential })).status;
  for (const credential of [key, token]) await expect.poll(async () => [401, 403].includes(await holds(credential))).toBe(true);
  expect(await codeOf(await ask("GET", "/api/auth/token", { cookie }))).toBe("session-missing");
});

test("the commands of docs/people.md lead from sign-up to an API key", async () => {
  const page = await readFile(join(import.meta.dirname, "../../../docs/people.md"), "utf8");
  const [signUp = "", ...rest] = Array.from(page.matchAll(/^```sh\n(.*?)^```$/gms), ([, block = ""]) => block);
  const email = newEmail("reader");
  const folder = await temporaryFolder("docs");
  const sh = (script: string, more: Record<string, string> = {}) =>
    run("sh", ["-eu", "-c", script], {
      cwd: folder,
      env: { ...process.env, URL: running.edge.url, EMAIL: email, PASSWORD: goodPassword, ...more },
    });
  await sh(signUp);
  const link = linkIn((await running.mail.nth(email)).text).replace(publicUrl, running.edge.url);
  const { stdout } = await sh(rest.join("\n"), { LINK: link });
  await rm(folder, { recursive: true });
  const key = /"key":"(tc_live_acc_[a-z2-7_]+)"/.exec(stdout)?.[1];
  expect((await ask("GET", "/v1/account", { token: key ?? "" })).status).toBe(200);
});

test("everybody may fetch the keys that our tokens are verified with", async () => {
  const response = await ask("GET", "/.well-known/jwks.json");
  expect(response.status).toBe(200);
  expect((await response.json()) as object).toMatchObject({ keys: [{ alg: "ES256", use: "sig", crv: "P-256" }] });
});

test("refusals of the sign-in service arrive as problems, redirects as redirects", async () => {
  const refused = await ask("POST", "/api/auth/sign-in/email", { body: { email: newEmail(), password: "not-the-password" } });
  expect([refused.status, await codeOf(refused)]).toEqual([401, "sign-in-failed"]);
  const invalid = await ask("GET", "/api/auth/verify-email?token=nonsense&callbackURL=%2Fwelcome");
  expect([invalid.status, invalid.headers.get("location")]).toEqual([302, "/welcome?error=INVALID_TOKEN"]);
  expect(await codeOf(await ask("GET", "/api/auth/reset-password/nonsense"))).toBe("auth-refused");
});
