// Accounts with a key and a token each, and what the origin and the Worker have to know of them.
import { createAccounts } from "#test/edge/support/accounts.ts";
import { audience, createIssuer, issuerName } from "#test/edge/support/issuer.ts";
import type { OriginStub } from "./edge-origin.ts";

export type People = {
  keys: string[];
  tokens: string[];
  answers: OriginStub["answers"];
  /** Of the Worker, without its bindings. */
  variables(originUrl: string): Record<string, string>;
};

export async function edgePeople(count: number): Promise<People> {
  const issuer = await createIssuer();
  const names = Array.from({ length: count }, (_, index) => `bench-${index}`);
  const accounts = createAccounts(...names);
  const keys = names.map((name) => accounts.addKey(name).key);
  const tokens = await Promise.all(names.map((name) => issuer.token(name)));
  const snapshots = names.map((name) => [`/internal/accounts/${name}`, JSON.stringify(accounts.snapshot(name))]);
  return {
    keys,
    tokens,
    answers: { ...Object.fromEntries(snapshots), "/.well-known/jwks.json": issuer.jwks },
    variables: (originUrl) => ({
      // The rate limit of addresses is a binding of Cloudflare's, which plain workerd has not.
      ENVIRONMENT: "local",
      ORIGIN_URL: originUrl,
      EDGE_KEY: "bench".repeat(8),
      JWT_JWKS: `${originUrl}/.well-known/jwks.json`,
      JWT_ISSUER: issuerName,
      JWT_AUDIENCE: audience,
      R2_ENDPOINT: originUrl,
      R2_ACCESS_KEY_ID: "bench",
      R2_SECRET_ACCESS_KEY: "bench",
      UPLOADS_BUCKET: "uploads",
      RESULTS_BUCKET: "results",
    }),
  };
}
