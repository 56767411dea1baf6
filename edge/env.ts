// The bindings and variables of the Worker, parsed once per isolate.
import { z } from "zod";
import { AccountId } from "#contract/ids.ts";
import { Scope } from "#contract/scopes.ts";
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

const EnvFields = z.object({
  ORIGIN_URL: httpUrl("must be an origin without path, query or credentials", (url) => bare(url) && url.pathname === "/"),
  EDGE_KEY: z.string().min(32, "must have at least 32 characters"),
  JWT_JWKS: Jwks,
  JWT_ISSUER: z.string().min(1),
  JWT_AUDIENCE: z.string().min(1),
  JWT_ALGORITHMS: list.pipe(Algorithms).prefault("ES256"),
  JWT_ISSUERS: ForeignIssuers.prefault("[]"),
  R2_ENDPOINT: httpUrl("must have no query or credentials", bare),
  R2_ACCESS_KEY_ID: z.string().min(1),
  R2_SECRET_ACCESS_KEY: z.string().min(1),
  UPLOADS_BUCKET: bucketName,
  RESULTS_BUCKET: bucketName,
  UPLOADS: bucket,
  RESULTS: bucket,
  ENVIRONMENT: z.enum(["local", "production"]).default("production"),
  CORS_ORIGINS: list
    .pipe(z.array(z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, "must be exact origins")))
    .prefault(""),
  ACCOUNTS: binding<DurableObjectNamespace<AccountObject>>("idFromName", "must be a Durable Object binding"),
  /** On one machine everybody has the same address, and the emulated binding writes to disk for every request. */
  ADDRESS_LIMITER: binding<RateLimit>("limit", "must be a rate-limit binding").optional(),
  /** Nobody else is served, if there is one. */
  IP_ALLOW: ranges,
  IP_DENY: ranges,
  /** From this age on an account's snapshot is refreshed. */
  SNAPSHOT_REFRESH_MS: milliseconds(60_000),
  /** From this age on it admits nothing. */
  SNAPSHOT_MAX_MS: milliseconds(900_000),
  /** How long an account's object remembers after its last request; no less than announced uploads count. */
  ACCOUNT_FORGET_MS: milliseconds(7_200_000),
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
