import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "#scripts/stack/ports.ts";
import { codeOf } from "./support/client.ts";
import { createIssuer, type TokenChanges } from "./support/issuer.ts";
import { type RunningEdge, startEdge } from "./support/start-edge.ts";

const partner = "https://partner.test";
const single = "https://single.test";
const audience = "https://convert.partner.test";
let edge: RunningEdge;
let keys: Server;
let issuer: Awaited<ReturnType<typeof createIssuer>>;
let other: typeof issuer;

beforeAll(async () => {
  [issuer, other] = [await createIssuer(), await createIssuer()];
  const port = await freePort();
  keys = createServer((_, response) => void response.setHeader("content-type", "application/json").end(issuer.jwks)).listen(
    port,
    "127.0.0.1",
  );
  const issuers = [
    {
      issuer: partner,
      jwks: `http://127.0.0.1:${port}/jwks`,
      audience,
      algorithms: ["ES256"],
      accounts: ["acme", "globex"],
      claims: { subject: "user", account: "org", scope: "permissions" },
      scopes: ["jobs:read"],
    },
    { issuer: single, jwks: JSON.parse(other.jwks), audience, algorithms: ["ES256"], accounts: ["globex"] },
  ];
  edge = await startEdge({ variables: { JWT_ISSUERS: JSON.stringify(issuers) } });
  edge.origin.accounts.change("initech");
});
afterAll(async () => {
  keys?.close();
  await edge?.stop();
});

type Claims = Record<string, unknown>;
const mint = (by: typeof issuer, iss: string, claims: Claims, changes: TokenChanges = {}) =>
  by.token("unused", {
    ...changes,
    claims: { iss, aud: audience, ...claims } as NonNullable<TokenChanges["claims"]>,
    without: ["account", "scope", "livemode", ...(changes.without ?? [])],
  });
const partners = (claims: Claims = {}, changes?: TokenChanges) => mint(issuer, partner, { user: "ann", org: "acme", ...claims }, changes);
const singles = (claims: Claims = {}) => mint(other, single, claims);
const ask = (token: string) => fetch(`${edge.url}/v1/jobs/job_${"a".repeat(26)}`, { headers: { authorization: `Bearer ${token}` } });
const lastPrincipal = () => edge.origin.requests.at(-1)?.assertion?.principal;

describe("a foreign issuer", () => {
  test("speaks for its account by the claims that the configuration names", async () => {
    const response = await ask(await partners({ permissions: ["jobs:read", "usage:read", "something-else"] }));
    expect(response.status).toBe(200);
    const subject = `${partner}#ann`;
    expect(lastPrincipal()).toEqual({ account: "acme", tier: "pro", subject, scopes: ["jobs:read", "usage:read"], livemode: true });
  });

  test("never speaks as a person or a key of ours, nor as another issuer's", async () => {
    for (const user of [`usr_${"a".repeat(26)}`, `key_${"a".repeat(26)}`, "system", `${single}#ann`]) {
      expect((await ask(await partners({ user }))).status).toBe(200);
      expect(lastPrincipal()).toMatchObject({ subject: `${partner}#${user}` });
    }
  });

  test("gives the scopes of the configuration where a token names none", async () => {
    expect((await ask(await partners())).status).toBe(200);
    expect(lastPrincipal()).toMatchObject({ scopes: ["jobs:read"] });
    expect(await codeOf(await ask(await singles()))).toBe("scope-missing");
  });

  test("with one account speaks for that one, whatever else it claims", async () => {
    const token = await mint(other, single, { scope: "jobs:read" }, {});
    expect(await codeOf(await ask(token))).toBe("scope-missing");
    const response = await ask(await other.token("acme", { claims: { iss: single, aud: audience, scope: "jobs:read", account: "acme" } }));
    expect(response.status).toBe(200);
    expect(lastPrincipal()).toMatchObject({ account: "globex" });
  });

  test("may write JWT as the type, and list our audience among others", async () => {
    expect((await ask(await partners({ aud: ["https://elsewhere.test", audience] }, { header: { typ: "JWT" } }))).status).toBe(200);
  });

  test("never sets a tier", async () => {
    expect((await ask(await partners({ tier: "enterprise" }))).status).toBe(200);
    expect(lastPrincipal()).toMatchObject({ tier: "pro" });
  });

  const refused: [string, () => Promise<string>][] = [
    ["an account that is not listed", () => partners({ org: "initech" })],
    ["an account that is not listed, in a list", () => partners({ org: ["acme"] })],
    ["no account where it has several", () => partners({ org: undefined })],
    ["the scope admin", () => partners({ permissions: "jobs:read admin" })],
    ["the scope admin in a list", () => partners({ permissions: ["admin"] })],
    ["scopes that are no names", () => partners({ permissions: { admin: true } })],
    ["no subject", () => partners({ user: "" })],
    ["a subject that is too long", () => partners({ user: "a".repeat(250) })],
    ["another audience", () => partners({ aud: "https://elsewhere.test" })],
    ["our own audience instead of its own", () => partners({ aud: "trustyconvert-test" })],
    ["our own issuer's name", () => partners({ iss: "https://issuer.test" })],
    ["another foreign issuer's name", () => partners({ iss: single })],
    ["a name that nobody has", () => partners({ iss: "https://nobody.test" })],
    ["a list of names", () => partners({ iss: [partner] })],
    ["no expiry", () => partners({}, { without: ["exp"] })],
    ["an age of more than a day", () => partners({ iat: Math.floor(Date.now() / 1000) - 90_000 })],
    ["another kind of token", () => partners({}, { header: { typ: "logout+jwt" } })],
    ["the other issuer's key", () => mint(other, partner, { user: "ann", org: "acme" })],
  ];
  test.each(refused)("is refused with %s", async (_, token) => {
    const asked = edge.origin.requests.length;
    const response = await ask(await token());
    expect(response.status).toBe(401);
    const body = await response.json();
    expect(["token-invalid", "token-expired"]).toContain((body as { code: string }).code);
    expect(body).not.toHaveProperty("detail");
    expect(edge.origin.requests).toHaveLength(asked);
  });
});
