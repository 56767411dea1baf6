// The bindings and variables of the Worker, parsed once per isolate.
import { z } from "zod";
import { AccountId } from "#contract/ids.ts";
import { Scope } from "#contract/scopes.ts";
import { foreignSecret, secretText } from "#contract/secret-strength.ts";
import type { AccountObject } from "./accounts/account-object.ts";
import { isRange } from "./limits/addresses.ts";

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== ""),
);

const httpUrl = (rule: string, fits: (url: URL) => boolean) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), "must be an http or https URL")
    .refine((text) => !URL.canParse(text) || fits(new URL(text)), rule)
    .transform((text) => text.replace(/\/$/, ""));

const bare = (url: URL) => url.search === "" && url.hash === "" && url.username === "" && url.password === "";

/** Only signatures by a key pair: with a shared secret, whoever can verify could also sign. */
const algorithms = ["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA", "Ed25519"] as const;

/** A public key; extra members are kept for jose. */
const PublicKey = z
  .looseObject({ kty: z.enum(["EC", "RSA", "OKP"], "must be a public key: EC, RSA or OKP") })
  .refine((key) => !("d" in key), "must be a public key, and this one is private");
const KeySet = z.object({ keys: z.array(PublicKey).min(1) });

const jsonText = (rule: string) =>
  z.string().transform((text, ctx): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      ctx.addIssue({ code: "custom", message: rule });
      return z.NEVER;
    }
  });

const KeySetUrl = httpUrl("must not carry credentials", (url) => url.username === "" && url.password === "").transform((text) => ({
  url: new URL(text),
}));
const InlineKeySet = KeySet.transform((keySet) => ({ keySet }));

/** An address to fetch the key set from, or the key set itself. */
const Jwks = z.string().transform((text, ctx) => {
  const found = text.trimStart().startsWith("{")
    ? jsonText("must be a URL or a JSON Web Key Set").pipe(InlineKeySet).safeParse(text)
    : KeySetUrl.safeParse(text);
  if (found.success) return found.data;
  for (const { message, path } of found.error.issues) ctx.addIssue({ code: "custom", message, path });
  return z.NEVER;
});

export type KeySource = z.output<typeof KeySetUrl> | z.output<typeof InlineKeySet>;

const Algorithms = z.array(z.enum(algorithms)).min(1);

/** Whoever else may sign tokens for some of the accounts. A tier or the scope `admin` is not theirs to give. */
const ForeignIssuer = z
  .strictObject({
    issuer: z.string().min(1),
    jwks: z.union([KeySetUrl, InlineKeySet]),
    audience: z.string().min(1),
    algorithms: Algorithms.default(["RS256", "ES256"]),
    accounts: z.array(AccountId).min(1),
    claims: z
      .strictObject({
        subject: z.string().min(1).default("sub"),
        account: z.string().min(1).optional(),
        scope: z.string().min(1).default("scope"),
      })
      .prefault({}),
    scopes: z.array(Scope.exclude(["admin"])).default([]),
  })
  .refine(
    ({ accounts, claims }) => accounts.length === 1 || claims.account !== undefined,
    "must name claims.account, for there are several accounts",
  );
export type ForeignIssuer = z.infer<typeof ForeignIssuer>;

const ForeignIssuers = jsonText("must be a JSON list of issuers").pipe(
  z.array(ForeignIssuer).refine((list) => new Set(list.map(({ issuer }) => issuer)).size === list.length, "must name every issuer once"),
);

const ranges = list.pipe(z.array(z.string().refine(isRange, "must be addresses or ranges: 192.0.2.7, 2001:db8::/32"))).prefault("");
const milliseconds = (standard: number) => z.coerce.number().int().min(1).default(standard);

const bucketName = z.string().regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, "must be a bucket's name");
const binding = <T>(method: string, rule: string) =>
  z.custom<T>((value) => typeof value === "object" && value !== null && method in value, rule);
const bucket = binding<R2Bucket>("head", "must be an R2 binding");

/** What docs/config.md tells of the Worker; `secret`: put by `wrangler secret put`, never in wrangler.toml. */
const row = <S extends z.ZodType>(schema: S, description: string, secret?: "secret") =>
  schema.meta({ description, ...(secret && { secret: true }) });

export const EnvFields = z.object({
  ENVIRONMENT: row(
    z.enum(["local", "production"]).default("production"),
    "`local` allows plain http and no limit per address. For one's own machine.",
  ),
  ORIGIN_URL: row(
    httpUrl("must be an origin without path, query or credentials", (url) => bare(url) && url.pathname === "/"),
    "Where the origin answers the edge.",
  ),
  ORIGIN_MTLS: row(
    binding<Fetcher>("fetch", "must be a certificate's binding").optional(),
    "Binding: the client certificate that is shown to the origin's ingress (docs/deploy.md).",
  ),
  EDGE_KEY: row(secretText(32), "Shared with the origin; signs what is forwarded.", "secret"),
  EDGE_KEY_ALSO: row(
    secretText(32).optional(),
    "The next or the previous EDGE_KEY, which is taken too while it is changed (docs/rotation.md).",
    "secret",
  ),
  JWT_JWKS: row(Jwks, "Our tokens' public keys: the origin's /.well-known/jwks.json, or the set itself as JSON."),
  JWT_ISSUER: row(z.string().min(1), "Issuer of our tokens: the origin's PUBLIC_URL."),
  JWT_AUDIENCE: row(z.string().min(1), "Audience of our tokens: the origin's JWT_AUDIENCE."),
  JWT_ALGORITHMS: row(list.pipe(Algorithms).prefault("ES256"), "Algorithms of our tokens, separated by commas."),
  JWT_ISSUERS: row(ForeignIssuers.prefault("[]"), "Whoever else may sign tokens for some accounts, as a JSON list (see wrangler.toml)."),
  R2_ENDPOINT: row(httpUrl("must have no query or credentials", bare), "S3 endpoint of the object store, without the bucket."),
  R2_ACCESS_KEY_ID: row(z.string().min(1), "Reads, writes and deletes in the uploads bucket, reads the results bucket.", "secret"),
  R2_SECRET_ACCESS_KEY: row(foreignSecret, "Belongs to R2_ACCESS_KEY_ID.", "secret"),
  UPLOADS_BUCKET: row(bucketName, "Bucket that clients PUT to."),
  RESULTS_BUCKET: row(bucketName, "Bucket that results are stored in."),
  UPLOADS: row(bucket, "Binding: the bucket UPLOADS_BUCKET."),
  RESULTS: row(bucket, "Binding: the bucket RESULTS_BUCKET."),
  CORS_ORIGINS: row(
    list
      .pipe(z.array(z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, "must be exact origins")))
      .prefault(""),
    "Web pages that may call the API from a browser, as exact origins, separated by commas.",
  ),
  ACCOUNTS: row(
    binding<DurableObjectNamespace<AccountObject>>("idFromName", "must be a Durable Object binding"),
    "Binding: the Durable Objects of accounts.",
  ),
  // On one machine everybody has the same address, and the emulated binding writes to disk for every request.
  ADDRESS_LIMITER: row(
    binding<RateLimit>("limit", "must be a rate-limit binding").optional(),
    "Binding: counts each address's requests. Required in production.",
  ),
  IP_ALLOW: row(ranges, "Addresses and ranges, separated by commas; if there are any, nobody else is served."),
  IP_DENY: row(ranges, "Addresses and ranges that are not served."),
  SNAPSHOT_REFRESH_MS: row(milliseconds(60_000), "From this age on an account's snapshot is refreshed, milliseconds."),
  SNAPSHOT_MAX_MS: row(milliseconds(900_000), "From this age on it admits nothing."),
  ACCOUNT_FORGET_MS: row(
    milliseconds(7_200_000),
    "How long an account's object remembers after its last request; no less than announced uploads count.",
  ),
});

const Env = EnvFields.refine(({ JWT_ISSUER, JWT_ISSUERS }) => JWT_ISSUERS.every(({ issuer }) => issuer !== JWT_ISSUER), {
  path: ["JWT_ISSUERS"],
  message: "must not name our own issuer",
})
  .refine(({ ENVIRONMENT, ADDRESS_LIMITER }) => ENVIRONMENT === "local" || ADDRESS_LIMITER !== undefined, {
    path: ["ADDRESS_LIMITER"],
    message: "must be a rate-limit binding",
  })
  .superRefine(({ ENVIRONMENT, JWT_JWKS, JWT_ISSUERS }, ctx) => {
    // Whoever can change a key set on its way can sign for everybody.
    const message = "must fetch keys by https";
    const inTheClear = (keys: KeySource) => ENVIRONMENT === "production" && "url" in keys && keys.url.protocol !== "https:";
    if (inTheClear(JWT_JWKS)) ctx.addIssue({ code: "custom", path: ["JWT_JWKS"], message });
    if (JWT_ISSUERS.some(({ jwks }) => inTheClear(jwks))) ctx.addIssue({ code: "custom", path: ["JWT_ISSUERS"], message });
  });
export type Env = z.infer<typeof Env>;

/** What asking the origin needs. */
export type ToOrigin = Pick<Env, "ORIGIN_URL" | "ORIGIN_MTLS" | "EDGE_KEY">;

const known = new WeakMap<object, Env>();

/** The same, once per isolate. */
export function envOf(bindings: object): Env {
  const env = known.get(bindings) ?? parseEnv(bindings);
  known.set(bindings, env);
  return env;
}

/** All faults in one message; values are never repeated in it. */
export function parseEnv(bindings: unknown): Env {
  const parsed = Env.safeParse(bindings);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`);
  throw new Error(`The Worker's configuration is faulty:\n${faults.join("\n")}`);
}
