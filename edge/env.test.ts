import { expect, test } from "vitest";
import { parseEnv } from "./env.ts";

const bucket = { head: () => null };
const good = {
  ORIGIN_URL: "https://origin.example.com",
  EDGE_KEY: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  JWT_JWKS: "https://issuer.example.com/jwks.json",
  JWT_ISSUER: "https://issuer.example.com",
  JWT_AUDIENCE: "trustyconvert",
  R2_ENDPOINT: "https://account.r2.cloudflarestorage.com/",
  R2_ACCESS_KEY_ID: "id",
  R2_SECRET_ACCESS_KEY: "the secret",
  UPLOADS_BUCKET: "uploads",
  RESULTS_BUCKET: "results",
  UPLOADS: bucket,
  RESULTS: bucket,
  ACCOUNTS: { idFromName: () => null },
  ADDRESS_LIMITER: { limit: () => null },
};
const foreign = {
  issuer: "https://other.example.com",
  jwks: "https://other.example.com/jwks.json",
  audience: "trustyconvert",
  accounts: ["acme"],
};
const issuers = (changes: object) => ({ JWT_ISSUERS: JSON.stringify([{ ...foreign, ...changes }]) });

test("what is not said is the safe choice", () => {
  expect(parseEnv(good)).toMatchObject({ ENVIRONMENT: "production", CORS_ORIGINS: [], JWT_ALGORITHMS: ["ES256"], JWT_ISSUERS: [] });
});

test("an endpoint's trailing slash does not double", () => {
  expect(parseEnv(good).R2_ENDPOINT).toBe("https://account.r2.cloudflarestorage.com");
});

test("keys may be given in place", () => {
  const key = { kty: "EC", crv: "P-256", x: "x", y: "y", kid: "1" };
  expect(parseEnv({ ...good, JWT_JWKS: JSON.stringify({ keys: [key] }) }).JWT_JWKS).toEqual({ keySet: { keys: [key] } });
});

test("all faults stand in one message, and no value does", () => {
  const faulty = { ...good, EDGE_KEY: "too short", ORIGIN_URL: "ftp://x", CORS_ORIGINS: "https://a.example.com/path", UPLOADS: undefined };
  const message = messageOf(faulty);
  for (const name of ["EDGE_KEY", "ORIGIN_URL", "CORS_ORIGINS", "UPLOADS"]) expect(message).toContain(`  ${name}`);
  expect(message).not.toContain("too short");
});

test.each([
  ["a shared-secret algorithm", { JWT_ALGORITHMS: "ES256,HS256" }],
  ["no signature", { JWT_ALGORITHMS: "none" }],
  ["an empty list of algorithms", { JWT_ALGORITHMS: " , " }],
  ["a symmetric key", { JWT_JWKS: '{"keys":[{"kty":"oct","k":"AAAA"}]}' }],
  ["a private key", { JWT_JWKS: '{"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y","d":"d"}]}' }],
  ["no key", { JWT_JWKS: '{"keys":[]}' }],
  ["neither URL nor keys", { JWT_JWKS: "keys" }],
  ["a placeholder for the edge's key", { EDGE_KEY: "changeme-changeme-changeme-changeme" }],
  ["a placeholder for the bucket's key", { R2_SECRET_ACCESS_KEY: "changeme" }],
  ["an origin with a path", { ORIGIN_URL: "https://origin.example.com/api" }],
  ["an origin with a password", { ORIGIN_URL: "https://a:b@origin.example.com" }],
  ["any origin for browsers", { CORS_ORIGINS: "*" }],
  ["an unknown environment", { ENVIRONMENT: "staging" }],
  ["a public edge without a limit per address", { ADDRESS_LIMITER: undefined }],
  ["a range that is none", { IP_DENY: "192.0.2.0/99" }],
  ["a name instead of an address", { IP_ALLOW: "example.com" }],
  ["a time of nothing", { SNAPSHOT_MAX_MS: "0" }],
  ["a foreign issuer without accounts", issuers({ accounts: [] })],
  ["a foreign issuer of several accounts that names none", issuers({ accounts: ["acme", "globex"] })],
  ["a foreign issuer that gives the scope admin", issuers({ scopes: ["jobs:read", "admin"] })],
  ["a foreign issuer that gives a tier", issuers({ claims: { tier: "plan" } })],
  ["a foreign issuer with a shared secret", issuers({ algorithms: ["HS256"] })],
  ["a foreign issuer whose keys come in the clear", issuers({ jwks: "http://other.example.com/jwks.json" })],
  ["keys of our own that come in the clear", { JWT_JWKS: "http://issuer.example.com/jwks.json" }],
  ["a foreign issuer with our name", issuers({ issuer: good.JWT_ISSUER })],
  ["two foreign issuers of one name", { JWT_ISSUERS: JSON.stringify([foreign, foreign]) }],
  ["a foreign issuer in no JSON", { JWT_ISSUERS: "other" }],
])("%s is refused", (_, change) => {
  expect(messageOf({ ...good, ...change })).toContain(`  ${Object.keys(change)[0]}`);
});

function messageOf(bindings: unknown): string {
  try {
    parseEnv(bindings);
    return "";
  } catch (error) {
    return String(error);
  }
}
