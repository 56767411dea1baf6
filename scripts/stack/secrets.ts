import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { z } from "zod";

const PrivateKey = z.object({ kty: z.literal("EC"), crv: z.literal("P-256"), x: z.string(), y: z.string(), d: z.string() });

/** Of the local stack, made once. The issuer of its tokens is local too. */
export const Secrets = z.object({
  edgeKey: z.string(),
  optionsKey: z.string(),
  redisPassword: z.string(),
  r2AccessKeyId: z.string(),
  r2SecretAccessKey: z.string(),
  issuer: z.object({ kid: z.string(), privateKey: PrivateKey }),
});
export type Secrets = z.infer<typeof Secrets>;

const fileIn = (state: string) => join(state, "secrets.json");

async function make(): Promise<Secrets> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return Secrets.parse({
    edgeKey: randomBytes(32).toString("hex"),
    optionsKey: randomBytes(32).toString("base64"),
    redisPassword: randomBytes(24).toString("hex"),
    r2AccessKeyId: randomBytes(16).toString("hex"),
    r2SecretAccessKey: randomBytes(32).toString("hex"),
    issuer: { kid: `local-${randomBytes(4).toString("hex")}`, privateKey: await exportJWK(privateKey) },
  });
}

export async function readSecrets(state: string): Promise<Secrets> {
  const text = await readFile(fileIn(state), "utf8").catch(() => undefined);
  if (text === undefined) throw new Error(`There are no keys in ${state} yet; npm start makes them.`);
  return Secrets.parse(JSON.parse(text));
}

export async function readOrMakeSecrets(state: string): Promise<Secrets> {
  const fresh = `${JSON.stringify(await make(), null, 2)}\n`;
  // Never over keys that exist: queued jobs hold options encrypted with them.
  await writeFile(fileIn(state), fresh, { mode: 0o600, flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  return readSecrets(state);
}

/** The public half, as the edge takes it. */
export function publicKeySet({ issuer: { kid, privateKey } }: Secrets): string {
  const { kty, crv, x, y } = privateKey;
  return JSON.stringify({ keys: [{ kty, crv, x, y, kid, alg: "ES256", use: "sig" }] });
}
