import { createHmac, createPrivateKey, sign as cryptoSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { exportPKCS8, exportSPKI } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { audience, issuerName, type TokenChanges } from "./support/issuer.ts";
import { type RunningEdge, startEdge } from "./support/start-edge.ts";

let edge: RunningEdge;
let ownKey: KeyObject;
beforeAll(async () => {
  edge = await startEdge();
  ownKey = createPrivateKey(await exportPKCS8(edge.issuer.privateKey));
});
afterAll(() => edge?.stop());

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const now = () => Math.floor(Date.now() / 1000);
const goodClaims = () => ({
  iss: issuerName,
  aud: audience,
  sub: "x",
  iat: now(),
  exp: now() + 600,
  account: "acme",
  scope: "jobs:read",
  livemode: true,
});

/** Tokens that no honest library signs. */
function craft(header: Record<string, unknown>, signature: (input: string) => Buffer): string {
  const input = `${encode({ typ: "at+jwt", kid: "test-1", ...header })}.${encode(goodClaims())}`;
  return `${input}.${signature(input).toString("base64url")}`;
}
const es256 = (key: KeyObject) => (input: string) => cryptoSign("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" });
const strangersKey = generateKeyPairSync("ec", { namedCurve: "P-256" });
const token = (changes: TokenChanges) => edge.issuer.token("acme", changes);
const claims = (changed: Record<string, unknown>) => () => token({ claims: changed });
const without = (name: string) => () => token({ without: [name] });

const ask = (authorization?: string) =>
  fetch(`${edge.url}/v1/jobs/job_${"a".repeat(26)}`, { headers: authorization === undefined ? {} : { authorization } });

describe("a request is refused", () => {
  type Row = [what: string, code: string, authorization: () => string | undefined | Promise<string>];
  const bearer = (make: () => string | Promise<string>) => async () => `Bearer ${await make()}`;
  const rows: Row[] = [
    ["no header", "token-missing", () => undefined],
    ["another scheme", "token-invalid", () => "Basic YTpi"],
    ["no token after the scheme", "token-invalid", () => "Bearer"],
    ["no JWT", "token-invalid", () => "Bearer abc"],
    ["an expired token", "token-expired", bearer(claims({ iat: now() - 700, exp: now() - 60 }))],
    ["a token that was made for longer than ten minutes", "token-invalid", bearer(claims({ iat: now() - 300, exp: now() + 301 }))],
    ["a token older than a day", "token-expired", bearer(claims({ iat: now() - 90_000, exp: now() + 600 }))],
    ["a token without expiry", "token-invalid", bearer(without("exp"))],
    ["a token without time of issue", "token-invalid", bearer(without("iat"))],
    ["a token without subject", "token-invalid", bearer(without("sub"))],
    ["a token that is not valid yet", "token-invalid", bearer(claims({ nbf: now() + 300 }))],
    ["a token issued in the future", "token-invalid", bearer(claims({ iat: now() + 300 }))],
    ["another audience", "token-invalid", bearer(claims({ aud: "https://elsewhere.test" }))],
    ["another issuer", "token-invalid", bearer(claims({ iss: "https://elsewhere.test" }))],
    ["no account", "token-invalid", bearer(without("account"))],
    ["an account with a path", "token-invalid", bearer(claims({ account: "../other" }))],
    ["an account that does not exist", "token-invalid", bearer(claims({ account: "nobody" }))],
    ["no scope", "token-invalid", bearer(without("scope"))],
    ["a scope that does not exist", "token-invalid", bearer(claims({ scope: "jobs:read everything" }))],
    ["no mode", "token-invalid", bearer(without("livemode"))],
    ["a key that the account does not have", "token-invalid", bearer(claims({ key: `key_${"a".repeat(26)}` }))],
    ["our audience among others", "token-invalid", bearer(claims({ aud: [audience, "https://elsewhere.test"] }))],
    ["our audience in a list", "token-invalid", bearer(claims({ aud: [audience] }))],
    ["our audience in a list of lists", "token-invalid", bearer(claims({ aud: [[audience]] as unknown as string[] }))],
    ["our audience within another's name", "token-invalid", bearer(claims({ aud: `${audience}.elsewhere.test` }))],
    ["no audience", "token-invalid", bearer(without("aud"))],
    ["a token of another kind", "token-invalid", bearer(() => token({ header: { typ: "logout+jwt" } }))],
    ["a token that only says JWT", "token-invalid", bearer(() => token({ header: { typ: "JWT" } }))],
    ["a token of no kind", "token-invalid", bearer(() => craft({ alg: "ES256", typ: undefined }, es256(ownKey)))],
    ["alg none", "token-invalid", bearer(() => craft({ alg: "none" }, () => Buffer.alloc(0)))],
    ["alg None with a signature", "token-invalid", bearer(() => craft({ alg: "None" }, es256(ownKey)))],
    [
      "HS256 signed with the public key as PEM",
      "token-invalid",
      bearer(async () => {
        const pem = await exportSPKI(edge.issuer.publicKey);
        return craft({ alg: "HS256" }, (input) => createHmac("sha256", pem).update(input).digest());
      }),
    ],
    [
      "HS256 signed with the public key as JWK",
      "token-invalid",
      bearer(() => craft({ alg: "HS256" }, (input) => createHmac("sha256", JSON.stringify(edge.issuer.jwk)).update(input).digest())),
    ],
    ["a stranger's key", "token-invalid", bearer(() => craft({ alg: "ES256" }, es256(strangersKey.privateKey)))],
    [
      "a stranger's key that the token brings along",
      "token-invalid",
      bearer(() => craft({ alg: "ES256", jwk: strangersKey.publicKey.export({ format: "jwk" }) }, es256(strangersKey.privateKey))),
    ],
    [
      "a stranger's key at an address in the token",
      "token-invalid",
      bearer(() => craft({ alg: "ES256", kid: "other", jku: `http://127.0.0.1:${edge.origin.port}/jwks` }, es256(strangersKey.privateKey))),
    ],
    [
      "a stranger's certificate at an address in the token",
      "token-invalid",
      bearer(() => craft({ alg: "ES256", x5u: `http://127.0.0.1:${edge.origin.port}/x5u` }, es256(strangersKey.privateKey))),
    ],
    [
      "a stranger's certificate that the token brings along",
      "token-invalid",
      bearer(() => {
        const certificate = strangersKey.publicKey.export({ format: "der", type: "spki" }).toString("base64");
        return craft({ alg: "ES256", x5c: [certificate] }, es256(strangersKey.privateKey));
      }),
    ],
    ["RS256 announced for a key that is not RSA", "token-invalid", bearer(() => craft({ alg: "RS256" }, es256(ownKey)))],
    ["a key id that is a path", "token-invalid", bearer(() => craft({ alg: "ES256", kid: "../../dev/null" }, es256(ownKey)))],
    ["critical header fields", "token-invalid", bearer(() => craft({ alg: "ES256", crit: ["exp"], exp: 1 }, es256(ownKey)))],
    ["an unencoded payload", "token-invalid", bearer(() => craft({ alg: "ES256", crit: ["b64"], b64: false }, es256(ownKey)))],
    [
      "a changed payload",
      "token-invalid",
      bearer(async () => (await token({})).replace(/\.[^.]+\./, `.${encode({ ...goodClaims(), scope: "admin" })}.`)),
    ],
    ["a cut signature", "token-invalid", bearer(async () => (await token({})).slice(0, -4))],
    ["a token of 9 KB", "token-invalid", bearer(claims({ filler: "x".repeat(9_000) }))],
  ];

  test.each(rows)("with %s: %s", async (_, code, authorization) => {
    const asked = edge.origin.requests.length;
    const response = await ask(await authorization());
    const body = await response.json();
    expect(body).toMatchObject({ code, status: 401 });
    expect(body).not.toHaveProperty("detail");
    expect(response.status).toBe(401);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("www-authenticate")).toMatch(code === "token-missing" ? /^Bearer realm="[^"]+"$/ : /error="invalid_token"/);
    expect(edge.origin.requests).toHaveLength(asked);
  });

  test("with two Authorization headers: token-invalid", async () => {
    const good = `Bearer ${await token({})}`;
    const headers = ["Host", `127.0.0.1:${edge.port}`, "Authorization", good, "Authorization", good];
    const status = await new Promise((resolve, reject) => {
      httpRequest({ port: edge.port, host: "127.0.0.1", path: `/v1/jobs/job_${"a".repeat(26)}`, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
    expect(status).toBe(401);
  });
});

test("the log knows why, and the caller does not", async () => {
  const log = await readFile(edge.logPath, "utf8");
  const causes = [
    "a lifetime of 601 seconds",
    "header typ JWT",
    "claims aud",
    "longer than 8 KiB",
    "no token of an issuer that is known here",
  ];
  for (const cause of causes) expect(log).toContain(`"cause":"${cause}`);
  expect(log).toContain('"security":"token-refused"');
});

test("the origin learns who a good token speaks for, and the tier comes from the account", async () => {
  edge.origin.answerWith({ status: 200, body: {} });
  edge.origin.accounts.change("globex", { tier: "premium" });
  const scope = "jobs:read usage:read";
  const response = await ask(`bearer ${await edge.issuer.token("globex", { claims: { sub: "ann", tier: "enterprise", scope } })}`);
  expect(response.status).toBe(200);
  expect(edge.origin.requests.at(-1)?.assertion).toMatchObject({
    principal: { account: "globex", subject: "ann", tier: "premium", scopes: ["jobs:read", "usage:read"], livemode: true },
    address: "127.0.0.1",
  });
  expect(edge.origin.faults).toEqual([]);
});
