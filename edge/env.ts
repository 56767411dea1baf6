// The bindings and variables of the Worker, parsed once per isolate.
import { z } from "zod";

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

/** An address to fetch the key set from, or the key set itself. */
const Jwks = z.string().transform((text, ctx) => {
  const url = httpUrl("must not carry credentials", (parsed) => parsed.username === "" && parsed.password === "").safeParse(text);
  if (url.success) return { url: new URL(url.data) };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    ctx.addIssue({ code: "custom", message: "must be a URL or a JSON Web Key Set" });
    return z.NEVER;
  }
  const keys = KeySet.safeParse(parsed);
  if (keys.success) return { keySet: keys.data };
  for (const issue of keys.error.issues) ctx.addIssue({ code: "custom", message: issue.message, path: issue.path });
  return z.NEVER;
});

const bucketName = z.string().regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, "must be a bucket's name");
const bucket = z.custom<R2Bucket>((value) => typeof value === "object" && value !== null && "head" in value, "must be an R2 binding");

const Env = z.object({
  ORIGIN_URL: httpUrl("must be an origin without path, query or credentials", (url) => bare(url) && url.pathname === "/"),
  EDGE_KEY: z.string().min(32, "must have at least 32 characters"),
  JWT_JWKS: Jwks,
  JWT_ISSUER: z.string().min(1),
  JWT_AUDIENCE: z.string().min(1),
  JWT_ALGORITHMS: list.pipe(z.array(z.enum(algorithms)).min(1)).prefault("ES256"),
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
});
export type Env = z.infer<typeof Env>;

/** All faults in one message; values are never repeated in it. */
export function parseEnv(bindings: unknown): Env {
  const parsed = Env.safeParse(bindings);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`);
  throw new Error(`The Worker's configuration is faulty:\n${faults.join("\n")}`);
}
