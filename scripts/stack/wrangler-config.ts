import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";

/** What is read of wrangler.toml here; all else is passed on untouched. */
const Base = z.looseObject({
  main: z.string(),
  vars: z.looseObject({ UPLOADS_BUCKET: z.string(), RESULTS_BUCKET: z.string() }),
  r2_buckets: z.array(z.looseObject({ binding: z.string(), bucket_name: z.string() })),
  ratelimits: z.array(z.looseObject({ simple: z.looseObject({ limit: z.int() }) })),
});

export type LocalEdge = {
  /** The repository. */
  root: string;
  ports: { edge: number; origin: number };
  credentials: { edgeKey: string; r2AccessKeyId: string; r2SecretAccessKey: string };
  /** `jwks` is a URL, or a JSON Web Key Set of public keys as JSON. */
  jwt: { jwks: string; issuer: string; audience: string; algorithms?: string };
  corsOrigins?: string;
  environment?: "local" | "production";
  /** Requests of one address per minute; without it they are not counted, for on one machine everybody has the same. */
  addressLimit?: number;
  /** More of the Worker's variables. */
  variables?: Record<string, string>;
  /** Another entry, which exports what the Worker does and more. */
  main?: string;
};

/** Our own issuer: the origin, known by the edge's address. */
export const localJwt = (ports: LocalEdge["ports"]): LocalEdge["jwt"] => ({
  jwks: `http://127.0.0.1:${ports.origin}/.well-known/jwks.json`,
  issuer: localAddress(ports.edge),
  audience: "trustyconvert",
});

export const localAddress = (edgePort: number): string => `http://127.0.0.1:${edgePort}`;

/** What the origin needs for people on this machine: everybody may sign up, and mails are written to its log. */
export const localPeople = (edgePort: number, { authSecret }: { authSecret: string }): Record<string, string> => ({
  PUBLIC_URL: localAddress(edgePort),
  AUTH_SECRET: authSecret,
  SIGNUP: "open",
  MAIL: "log",
});

/**
 * Where clients and the origin reach the object store that `wrangler dev` emulates: the S3 endpoint without a bucket.
 * By another name than the API, as in production: clients that follow a redirect to a result keep their token to themselves only then.
 */
export const localR2Endpoint = (edgePort: number): string => `http://localhost:${edgePort}/cdn-cgi/local/r2/s3`;

/** The Worker's secrets, for the environment of `wrangler dev`: from there it never prints them, as it does with variables. */
export const localEdgeSecrets = ({ edgeKey, r2AccessKeyId, r2SecretAccessKey }: LocalEdge["credentials"]): Record<string, string> => ({
  EDGE_KEY: edgeKey,
  R2_ACCESS_KEY_ID: r2AccessKeyId,
  R2_SECRET_ACCESS_KEY: r2SecretAccessKey,
});

/**
 * The configuration for `wrangler dev --config FILE`: wrangler.toml with this machine's addresses. It holds the object store's
 * credentials, so its mode is 0600.
 */
export function localWranglerConfig({ root, ports, credentials, jwt, ...rest }: LocalEdge) {
  const { corsOrigins = "", environment = "local", addressLimit, variables = {}, main } = rest;
  const base = Base.parse(parse(readFileSync(join(root, "wrangler.toml"), "utf8")));
  const { r2AccessKeyId: accessKeyId, r2SecretAccessKey: secretAccessKey } = credentials;
  return {
    ...base,
    main: main ?? join(root, base.main),
    dev: { ip: "127.0.0.1", port: ports.edge, local_protocol: "http" },
    vars: {
      ...base.vars,
      ENVIRONMENT: environment,
      ORIGIN_URL: `http://127.0.0.1:${ports.origin}`,
      JWT_JWKS: jwt.jwks,
      JWT_ISSUER: jwt.issuer,
      JWT_AUDIENCE: jwt.audience,
      ...(jwt.algorithms !== undefined && { JWT_ALGORITHMS: jwt.algorithms }),
      CORS_ORIGINS: corsOrigins,
      R2_ENDPOINT: localR2Endpoint(ports.edge),
      ...variables,
    },
    ratelimits:
      addressLimit === undefined
        ? []
        : base.ratelimits.map((limiter) => ({ ...limiter, simple: { ...limiter.simple, limit: addressLimit } })),
    r2_buckets: base.r2_buckets.map((bucket) => ({
      ...bucket,
      local_dev: { experimental_s3_credentials: { accessKeyId, secretAccessKey } },
    })),
  };
}
